import { type ConnectionState, jidNormalizedUser } from 'baileys';
import { UnreadableCredentialsError } from '../auth-state/cipher.js';
import type { Session } from '../auth-state/credentials.js';
import { type Cancel, type Clock, withDeadline } from '../clock.js';
import type { Logger } from '../logging/logger.js';
import { type OpenSocket, type WASocket, endSocket, onUpgradeRefused } from '../whatsapp/socket.js';
import type { Admission, Leave } from './admission.js';
import { type AfterClose, type CloseCause, afterClose, reconnectDelay } from './reconnect.js';
import type { InstanceState, InstanceStatus } from './state.js';

/** A connection that held this long starts counting its reconnects from zero. */
const STABLE_MS = 60_000;

/** How long a connection may take to show a QR code or to open; Baileys itself would wait for ever. */
const CONNECT_MS = 45_000;

/** How long a stop waits for credentials that are still being written. */
const FLUSH_MS = 2_000;

/** The part of Baileys' errors that says why a connection ended. */
interface CloseError extends Error {
  readonly output?: { readonly statusCode?: number };
}

/** What an open connection offers; `closed` aborts the moment it is no longer open. */
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
  readonly admission: Admission;
  readonly loadSession: () => Promise<Session>;
  readonly clearSession: () => Promise<void>;
  readonly onStatus: (status: InstanceStatus, account: Account) => void;
  readonly onReconnect: (reason: string) => void;
  /** Called for every new socket, before it is connected: the place to listen to its events. */
  readonly onSocket: (socket: WASocket) => void;
}

/** One WhatsApp number: keeps its connection alive, or says why it does not. */
export interface Instance {
  readonly id: string;
  status(): InstanceStatus;
  account(): Account;
  /** The text to show as QR code while the state is `qr`. */
  qr(): string | undefined;
  connection(): Connection | undefined;
  /** The socket that waits for pairing, while the state is `qr`. */
  pairingSocket(): WASocket | undefined;
  /** Connects unless it is on its way already; wakes an instance that had stopped. */
  connect(): void;
  /** Closes the connection and keeps the session; the instance does nothing more. */
  stop(): Promise<void>;
}

export function createInstance(id: string, ports: InstancePorts, initial: InstanceStatus): Instance {
  const { clock, log } = ports;
  let status = initial;
  let account: Account = { jid: null, lid: null };
  let session: Session | undefined;
  let socket: WASocket | undefined;
  let open: { connection: Connection; closing: AbortController } | undefined;
  let qr: string | undefined;
  let attempts = 0;
  let stopped = false;
  let running = false;
  let clearing: Promise<void> = Promise.resolve();
  let cancelReconnect: Cancel = () => undefined;
  let cancelStable: Cancel = () => undefined;
  let cancelWatch: Cancel = () => undefined;
  let leaveAdmission: Leave = () => undefined;

  const become = (state: InstanceState, reason: string | null) => {
    if (state !== 'qr') qr = undefined;
    if (status.state === state && status.reason === reason) return;
    status = { state, reason, since: new Date(clock.now()).toISOString() };
    log.info({ instance: id, state, reason }, 'instance state');
    ports.onStatus(status, account);
  };

  /** The attempt to connect has led somewhere. */
  const arrived = () => {
    cancelWatch();
    leaveAdmission();
  };

  const dropSocket = () => {
    const dropped = socket;
    socket = undefined;
    open?.closing.abort();
    open = undefined;
    cancelStable();
    arrived();
    if (dropped) endSocket(dropped);
  };

  const reconnectLater = (reason: string) => {
    const delay = reconnectDelay(attempts++, ports.random());
    become('connecting', reason);
    cancelReconnect = clock.schedule(() => void start(), delay);
  };

  const halt = (state: InstanceState, reason: string) => {
    running = false;
    become(state, reason);
  };

  /** WhatsApp has forgotten these keys. If this fails, the next attempt is refused and clears them again. */
  const forgetSession = () => {
    const ended = session;
    session = undefined;
    ended?.close();
    clearing = (ended?.flush() ?? Promise.resolve())
      .then(() => ports.clearSession())
      .catch((err: unknown) => log.error({ err, instance: id }, 'the old session could not be cleared'));
  };

  const start = async (): Promise<void> => {
    await clearing;
    leaveAdmission();
    leaveAdmission = await ports.admission.enter();
    if (stopped) return leaveAdmission();
    try {
      session ??= await ports.loadSession();
    } catch (err) {
      leaveAdmission();
      if (stopped) return;
      log.error({ err, instance: id }, 'the session could not be read');
      if (err instanceof UnreadableCredentialsError) return halt('failed', 'credentials_unreadable');
      return reconnectLater('session_unavailable');
    }
    if (stopped) {
      leaveAdmission();
      return session.close();
    }
    session.dropUnfinishedPairing();
    const opened = ports.openSocket(session.auth);
    socket = opened;
    cancelWatch = clock.schedule(() => lost({ code: 408, transport: true }), CONNECT_MS);
    onUpgradeRefused(opened, (code) => {
      if (socket === opened) lost({ code, transport: true });
    });
    ports.onSocket(opened);
    const saving = session;
    opened.ev.on('creds.update', () => saving.save());
    opened.ev.on('connection.update', (update) => {
      if (socket === opened) onUpdate(opened, update);
    });
  };

  const onUpdate = (from: WASocket, update: Partial<ConnectionState>) => {
    if (update.qr !== undefined) {
      arrived();
      qr = update.qr;
      become('qr', null);
    }
    if (update.isNewLogin) become('connecting', 'paired');
    if (update.connection === 'open') onOpen(from);
    if (update.connection === 'close') onClose(update.lastDisconnect?.error as CloseError | undefined);
  };

  const onOpen = (from: WASocket) => {
    const closing = new AbortController();
    open = { connection: { socket: from, closed: closing.signal }, closing };
    account = {
      jid: from.user?.id === undefined ? null : jidNormalizedUser(from.user.id),
      lid: from.user?.lid === undefined ? null : jidNormalizedUser(from.user.lid),
    };
    arrived();
    cancelStable = clock.schedule(() => (attempts = 0), STABLE_MS);
    become('open', null);
  };

  const onClose = (error: CloseError | undefined) => {
    lost({
      code: error?.output?.statusCode,
      transport: error?.message.startsWith('WebSocket Error') ?? false,
    });
  };

  const lost = (cause: Omit<CloseCause, 'paired'>) => {
    dropSocket();
    const next = afterClose({ ...cause, paired: session?.paired() ?? false });
    ports.onReconnect(next.reason);
    proceed(next);
  };

  const proceed = (next: AfterClose): void => {
    switch (next.kind) {
      case 'reconnect_now':
        become('connecting', next.reason);
        void start();
        return;
      case 'reconnect_later':
        return reconnectLater(next.reason);
      case 'stop':
        halt(next.state, next.reason);
        if (next.state === 'logged_out') forgetSession();
    }
  };

  return {
    id,
    status: () => status,
    account: () => account,
    qr: () => qr,
    connection: () => open?.connection,
    pairingSocket: () => (qr === undefined ? undefined : socket),
    connect() {
      if (running || stopped) return;
      running = true;
      attempts = 0;
      become('connecting', null);
      void start();
    },
    async stop() {
      stopped = true;
      cancelReconnect();
      dropSocket();
      if (session) await withDeadline(clock, FLUSH_MS, session.flush()).catch(() => undefined);
      session?.close();
    },
  };
}
