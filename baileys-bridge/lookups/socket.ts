import type { WASocket } from 'baileys';

/** What the lookups need of a Baileys socket; a whole `WASocket` has it. */
export type LookupSocket = Pick<
  WASocket,
  'query' | 'generateMessageTag' | 'authState' | 'signalRepository' | 'ws'
>;

/** An open connection; `closed` aborts the moment it is no longer open. */
export interface Connection {
  readonly socket: LookupSocket;
  readonly closed: AbortSignal;
}

/** One number as the lookups see it: it may be connected now or not. */
export interface Line {
  /** Why nobody can ask, in a word, while there is no connection. */
  state(): string;
  connection(): Connection | undefined;
}

/** A kind of query to WhatsApp, for counting. */
export type QueryKind = 'usync' | 'picture';
