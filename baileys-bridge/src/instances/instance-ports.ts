import type { Session } from '../auth-state/credentials.js';
import type { Clock } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import type { OpenSocket, WASocket } from '../whatsapp/socket.js';
import type { Admission } from './admission.js';
import type { InstanceStatus } from './state.js';

/** An open connection; `closed` aborts the moment it is no longer open. */
export interface Connection {
  readonly socket: WASocket;
  readonly closed: AbortSignal;
}

export interface Account {
  readonly jid: string | null;
  readonly lid: string | null;
}

export interface InstancePorts {
  readonly clock: Clock;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  readonly log: Logger;
  readonly openSocket: OpenSocket;
  /** The URL of this instance's proxy. @throws InvalidProxyError when it cannot be used */
  readonly proxy: () => Promise<string | null>;
  readonly admission: Admission;
  readonly loadSession: () => Promise<Session>;
  readonly clearSession: () => Promise<void>;
  readonly onStatus: (status: InstanceStatus, account: Account) => void;
  readonly onReconnect: (reason: string) => void;
  /** WhatsApp restricts the account until then; null lifts the restriction. */
  readonly onRestricted: (until: Date | null) => void;
  /** WhatsApp calls this version too old. */
  readonly onOutdated: () => Promise<void>;
  /** Called for every new socket, before it is connected: the place to listen to its events. */
  readonly onSocket: (socket: WASocket) => void;
}

/** One WhatsApp number. It keeps its connection alive, or says why it does not. */
export interface Instance {
  readonly id: string;
  status(): InstanceStatus;
  account(): Account;
  /** Returns the text of the QR code while the state is `qr`. */
  qr(): string | undefined;
  connection(): Connection | undefined;
  /** Returns the socket that waits for pairing while the state is `qr`. */
  pairingSocket(): WASocket | undefined;
  /** Connects unless a connection is open or under way; wakes an instance that had halted. */
  connect(): void;
  /** Waits for the end of a ban that was stored before a restart. */
  resume(): void;
  /** Connects again with changed settings, unless there is no connection; wakes an instance that failed for them. */
  reconnect(): void;
  /** Closes the connection and keeps the session; the instance never connects again. */
  stop(): Promise<void>;
}
