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

/** One number as the lookups see it. It may be connected now or not. */
export interface Line {
  /** Why nobody can ask, in a word, while there is no connection. */
  state(): string;
  connection(): Connection | undefined;
}

/** A kind of query to WhatsApp, for counting. */
export type QueryKind = 'usync' | 'picture';
