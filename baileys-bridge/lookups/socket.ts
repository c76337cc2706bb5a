import type { WASocket } from 'baileys';

/** The part of a Baileys socket that the lookups need; a whole `WASocket` has it. */
export type LookupSocket = Pick<
  WASocket,
  'query' | 'generateMessageTag' | 'authState' | 'signalRepository' | 'ws'
>;

/** An open connection; `closed` aborts the moment it is no longer open. */
export interface Connection {
  readonly socket: LookupSocket;
  readonly closed: AbortSignal;
}

/** One instance as the lookups see it, connected or not. */
export interface Line {
  /** Returns, in a word, why there is no connection. */
  state(): string;
  connection(): Connection | undefined;
}

/** The kinds of queries to WhatsApp, for counting. */
export type QueryKind = 'usync' | 'picture';
