import { type ConnectionState, jidNormalizedUser } from 'baileys';
import { UnreadableCredentialsError } from '../auth-state/cipher.js';
import type { Session } from '../auth-state/credentials.js';
import { type Cancel, withDeadline } from '../../lookups/clock.js';
import { noteGroups } from '../../lookups/common-groups.js';
import { type WASocket, endSocket, onUpgradeRefused } from '../whatsapp/socket.js';
import type { Leave } from './admission.js';
import type { Account, Connection, Instance, InstancePorts } from './instance-ports.js';
import { InvalidProxyError } from './proxy.js';
import { type AfterClose, type CloseCause, afterClose, causeOf, reconnectDelay } from './reconnect.js';
import type { InstanceState, InstanceStatus } from './state.js';

/** After a connection has held this long, the count of reconnects starts again from zero. */
const STABLE_MS = 60_000;

/** The time limit for a connection to show a QR code or to open; Baileys itself has no such limit. */
const CONNECT_MS = 45_000;

/** The time that a stop waits for credentials that are still being written. */
const FLUSH_MS = 2_000;

const LONGEST_TIMER_MS = 24 * 60 * 60 * 1_000;

export function createInstance(id: string, ports: InstancePorts, initial: InstanceStatus): Instance {
  const { clock, log } = ports;
  let status = initial;
  let account: Account = { jid: null, lid: null };
  let session: Session | undefined;
  let socket: WASocket | undefined;
  let open: { connection: Connection; closing: AbortController } | undefined;
  let qr: string | undefined;
  let attempts = 0;
  /** The number of changes of the settings. */
  let settings = 0;
  let stopped = false;
  let running = false;
  let clearing: Promise<void> = Promise.resolve();
  let cancelReconnect: Cancel = () => undefined;
  let cancelStable: Cancel = () => undefined;
  let cancelWatch: Cancel = () => undefined;
  let leaveAdmission: Leave = () => undefined;

  const become = (state: InstanceState, reason: string | null, now = clock.now(), retryAt?: number) => {
    if (state !== 'qr') qr = undefined;
    if (status.state === state && status.reason === reason) return;
    status = {
      state,
      reason,
      since: new Date(now).toISOString(),
      ...(retryAt !== undefined && { retryAt: new Date(retryAt).toISOString() }),
    };
    log.info({ instance: id, state, reason }, 'instance state');
    ports.onStatus(status, account);
  };

  /** Called when the attempt to connect is over: it shows a QR code, is open or has failed. */
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

  const halt = (state: InstanceState, reason: string, retryAfterSeconds?: number) => {
    running = false;
    const now = clock.now();
    const retryAt = retryAfterSeconds === undefined ? undefined : now + retryAfterSeconds * 1_000;
    become(state, reason, now, retryAt);
    if (retryAt !== undefined) wakeAt(retryAt);
  };

  /** Waits in steps, because the clock may jump and a timer is limited to 24 days. */
  const wakeAt = (at: number): void => {
    cancelReconnect = clock.schedule(
      () => (clock.now() >= at ? connect() : wakeAt(at)),
      Math.min(Math.max(0, at - clock.now()), LONGEST_TIMER_MS),
    );
  };

  const connect = (): void => {
    if (running || stopped) return;
    cancelReconnect();
    running = true;
    attempts = 0;
    become('connecting', null);
    void start();
  };

  /** Clears keys that WhatsApp has forgotten. After a failure, the next login is refused and clears them again. */
  const forgetSession = () => {
    const ended = session;
    session = undefined;
    ended?.close();
    clearing = (ended?.flush() ?? Promise.resolve())
      .then(() => ports.clearSession())
      .catch((err: unknown) => log.error({ err, instance: id }, 'the old session could not be cleared'));
  };

  /**
   * Makes one attempt to connect. Never rejects: whatever fails gives the place back, and the attempt is repeated, or
   * given up where a repetition would not help.
   */
  const start = async (): Promise<void> => {
    await clearing;
    leaveAdmission();
    leaveAdmission = await ports.admission.enter();
    let failing = 'session_unavailable';
    try {
      if (stopped) return leaveAdmission();
      session ??= await ports.loadSession();
      if (stopped) {
        leaveAdmission();
        return session.close();
      }
      session.dropUnfinishedPairing();
      failing = 'settings_unavailable';
      const proxy = await latestProxy();
      if (stopped) return leaveAdmission();
      failing = 'socket_unavailable';
      openSocket(session, proxy);
    } catch (err) {
      dropSocket();
      if (stopped) return;
      log.error({ err, instance: id, reason: failing }, 'the attempt to connect failed');
      if (err instanceof UnreadableCredentialsError) return halt('failed', 'credentials_unreadable');
      if (err instanceof InvalidProxyError) return halt('failed', 'proxy_invalid');
      reconnectLater(failing);
    }
  };

  /** Reads the proxy again when it is changed meanwhile. */
  const latestProxy = async (): Promise<string | null> => {
    for (;;) {
      const seen = settings;
      const proxy = await ports.proxy().catch((err: unknown) => {
        if (seen === settings) throw err;
        return null;
      });
      if (seen === settings) return proxy;
    }
  };

  const openSocket = (current: Session, proxy: string | null): void => {
    const opened = ports.openSocket(current.auth, proxy);
    socket = opened;
    cancelWatch = clock.schedule(() => lost({ code: 408, transport: true }), CONNECT_MS);
    onUpgradeRefused(opened, (code) => {
      if (socket === opened) lost({ code, transport: true });
    });
    noteGroups(opened);
    ports.onSocket(opened);
    opened.ev.on('creds.update', () => current.save());
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
    if (update.reachoutTimeLock) {
      const { isActive, timeEnforcementEnds } = update.reachoutTimeLock;
      ports.onRestricted(isActive ? (timeEnforcementEnds ?? new Date(clock.now() + 60_000)) : null);
    }
    if (update.connection === 'open') onOpen(from);
    if (update.connection === 'close') lost(causeOf(update.lastDisconnect?.error));
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

  const lost = (cause: Omit<CloseCause, 'paired'>) => {
    dropSocket();
    const next = afterClose({ ...cause, paired: session?.paired() ?? false });
    ports.onReconnect(next.reason);
    if (next.reason === 'client_outdated') {
      become('connecting', next.reason);
      void ports.onOutdated().finally(() => {
        if (!stopped) proceed(next);
      });
      return;
    }
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
        halt(next.state, next.reason, next.retryAfterSeconds);
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
    connect,
    resume() {
      if (status.retryAt !== undefined && !running && !stopped) wakeAt(Date.parse(status.retryAt));
    },
    reconnect() {
      settings++;
      if (status.reason === 'proxy_invalid') return connect();
      // An attempt without a socket reads the settings when it comes to them, or once more if it has them already.
      if (!socket || !running || stopped) return;
      cancelReconnect();
      dropSocket();
      attempts = 0;
      reconnectLater('settings_changed');
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
