import type { AuthStore, Lease } from '../auth-state/auth-store.js';
import { loadSession } from '../auth-state/credentials.js';
import { type Cancel, type Clock, withDeadline } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import type { OpenSocket, WASocket } from '../whatsapp/socket.js';
import { type Allowance, type AllowanceChanges } from './allowance.js';
import { createAdmission } from './admission.js';
import type { Account, Instance } from './instance-ports.js';
import { createInstance } from './instance.js';
import type { InstanceRow, Leases, OwnedInstance } from './leases.js';
import { readProxy, writeProxy } from './proxy.js';
import type { InstanceState, InstanceStatus } from './state.js';

/** The states in which a restart does not connect automatically: a request must ask for it. */
const WAITS_TO_BE_ASKED: ReadonlySet<InstanceState> = new Set(['logged_out', 'replaced', 'paused', 'banned']);

/** The maximum number of instances that connect at the same time. */
const CONNECTING_AT_ONCE = 10;

const LOGOUT_MS = 3_000;
const RELEASE_MS = 1_500;

export interface SupervisorPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly leases: Leases;
  readonly leaseSeconds: number;
  readonly authStore: AuthStore;
  readonly openSocket: OpenSocket;
  readonly onSocket: (instanceId: string, socket: WASocket) => void;
  readonly onReconnect: (instanceId: string, reason: string) => void;
  /** This process no longer drives the instance; another process may drive it already. */
  readonly onLetGo: (instanceId: string) => void;
  /** The instance exists no longer. */
  readonly onRemoved: (instanceId: string) => void;
  readonly onState: (instanceId: string, status: InstanceStatus) => void;
  readonly onRestricted: (instanceId: string, until: Date | null) => void;
  readonly onOutdated: () => Promise<void>;
}

export type InstanceView = InstanceStatus &
  Account & { readonly id: string; readonly local: boolean; readonly allowance: Allowance };

/**
 * Drives all instances of this process: takes instances that no process drives, renews their leases, and lets go of
 * instances whose lease is lost.
 */
export interface Supervisor {
  /** Creates the missing ones of `instanceIds`, takes over every free instance and keeps looking for more. */
  start(instanceIds: readonly string[]): Promise<void>;
  /** Ends every connection without logging out and releases the leases. */
  stop(): Promise<void>;
  /**
   * Creates the instance, or wakes the existing one; waits for a removal that is under way.
   * @returns undefined when the instance was removed meanwhile
   */
  create(instanceId: string): Promise<{ created: boolean; view: InstanceView } | undefined>;
  /** Logs the instance out and removes it. `elsewhere`: another process drives it, so ask that process. */
  remove(instanceId: string): Promise<'removed' | 'unknown' | 'elsewhere'>;
  local(instanceId: string): Instance | undefined;
  /** Returns the right under which this process drives the instance. */
  lease(instanceId: string): Lease | undefined;
  localInstances(): Instance[];
  /** Returns the query limits of an instance of this process. */
  allowance(instanceId: string): Allowance | undefined;
  /** @returns false when there is no such instance */
  allow(instanceId: string, changes: AllowanceChanges): Promise<boolean>;
  /** Sets the instance's proxy; null removes it. @returns false when this process does not drive the instance */
  useProxy(instanceId: string, url: string | null): Promise<boolean>;
  find(instanceId: string): Promise<InstanceView | undefined>;
  list(): Promise<InstanceView[]>;
}

export function createSupervisor(ports: SupervisorPorts): Supervisor {
  const { clock, log, leases } = ports;
  const admission = createAdmission(CONNECTING_AT_ONCE);
  const driven = new Map<string, { instance: Instance; lease: Lease; allowance: Allowance }>();
  const tickMs = (ports.leaseSeconds * 1_000) / 3;
  let confirmedAt = clock.now();
  let cancelTick: Cancel = () => undefined;
  let ticking: Promise<void> = Promise.resolve();
  let stopping = false;
  const removing = new Map<string, Promise<unknown>>();

  const drive = ({ lease, status, allowance }: OwnedInstance): Instance => {
    const id = lease.instanceId;
    let recording = Promise.resolve();
    const instance = createInstance(
      id,
      {
        clock,
        random: ports.random,
        log,
        openSocket: ports.openSocket,
        admission,
        loadSession: () => loadSession(ports.authStore, lease, clock, log),
        clearSession: () => ports.authStore.clear(lease),
        proxy: () => readProxy(ports.authStore, id),
        onStatus: (now, account) => {
          // States are written one after the other, so that the last state stays.
          recording = recording
            .then(() => leases.record(lease, now, account))
            .catch((err: unknown) => log.warn({ err, instance: id }, 'the state could not be recorded'));
          ports.onState(id, now);
        },
        onReconnect: (reason) => ports.onReconnect(id, reason),
        onSocket: (socket) => ports.onSocket(id, socket),
        onRestricted: (until) => ports.onRestricted(id, until),
        onOutdated: ports.onOutdated,
      },
      status,
    );
    driven.set(id, { instance, lease, allowance });
    return instance;
  };

  /** Stops driving an instance. Its connection is closed on return; the fence refuses writes that are under way. */
  const letGo = (id: string, why: string): void => {
    const held = driven.get(id);
    if (!held) return;
    driven.delete(id);
    ports.onLetGo(id);
    log.warn({ instance: id }, why);
    void held.instance.stop();
  };

  const takeFree = async (): Promise<void> => {
    for (const owned of await leases.acquire()) {
      letGo(owned.lease.instanceId, 'the lease ran out and was taken again');
      const instance = drive(owned);
      if (!WAITS_TO_BE_ASKED.has(owned.status.state)) instance.connect();
      else instance.resume();
    }
  };

  /** Renews the leases, lets go of instances that are no longer ours, and takes free instances. */
  const tick = async (): Promise<void> => {
    const askedAt = clock.now();
    // An instance that is created meanwhile is in neither the query nor its result.
    const before = [...driven];
    try {
      const renewed = await withDeadline(clock, tickMs, leases.renew(before.map(([id]) => id)));
      const ours = new Map(renewed.map((lease) => [lease.instanceId, lease.fence]));
      confirmedAt = askedAt;
      const lost = before.filter(
        ([id, held]) => driven.get(id)?.lease === held.lease && ours.get(id) !== held.lease.fence,
      );
      for (const [id] of lost) letGo(id, 'another process drives this number now');
      if (!stopping) await takeFree();
    } catch (err) {
      log.error({ err }, 'leases could not be renewed');
      // A process that cannot renew its leases must disconnect its instances before another process may take them.
      if (clock.now() + tickMs - confirmedAt >= ports.leaseSeconds * 1_000) {
        for (const id of [...driven.keys()]) letGo(id, 'the lease could not be renewed in time');
      }
    }
  };

  const tickForever = (): void => {
    cancelTick = clock.schedule(() => {
      ticking = tick().finally(() => {
        if (!stopping) tickForever();
      });
    }, tickMs);
  };

  const viewOf = (row: InstanceRow): InstanceView => {
    const held = driven.get(row.id);
    const status = held?.instance.status() ?? {
      state: row.state,
      reason: row.reason,
      since: row.since,
      ...(row.retryAt !== undefined && { retryAt: row.retryAt }),
    };
    const account = held?.instance.account();
    return {
      id: row.id,
      ...status,
      jid: account?.jid ?? row.jid,
      lid: account?.lid ?? row.lid,
      local: held !== undefined,
      allowance: held?.allowance ?? row.allowance,
    };
  };

  const find = async (id: string): Promise<InstanceView | undefined> => {
    const row = await leases.find(id);
    return row && viewOf(row);
  };

  const logOut = async (instance: Instance): Promise<void> => {
    const open = instance.connection();
    if (!open) return;
    const gone = new Promise<void>((resolve) =>
      open.closed.addEventListener('abort', () => resolve(), { once: true }),
    );
    await withDeadline(clock, LOGOUT_MS, Promise.all([open.socket.logout(), gone])).catch((err: unknown) =>
      log.warn({ err, instance: instance.id }, 'WhatsApp did not confirm the logout'),
    );
  };

  const remove = async (id: string): Promise<'removed' | 'unknown' | 'elsewhere'> => {
    const held = driven.get(id);
    if (!held) return (await leases.find(id)) ? 'elsewhere' : 'unknown';
    await logOut(held.instance);
    driven.delete(id);
    await held.instance.stop();
    ports.onRemoved(id);
    return (await leases.remove(held.lease)) ? 'removed' : 'elsewhere';
  };

  return {
    async start(instanceIds) {
      for (const id of instanceIds) await leases.create(id);
      await takeFree();
      confirmedAt = clock.now();
      tickForever();
    },

    async stop() {
      stopping = true;
      cancelTick();
      await ticking;
      await Promise.all([...driven.values()].map(({ instance }) => instance.stop()));
      driven.clear();
      await withDeadline(clock, RELEASE_MS, leases.release()).catch((err: unknown) =>
        log.warn({ err }, 'leases could not be given back'),
      );
    },

    async create(id) {
      // A row that is about to be deleted would be taken for the instance.
      while (removing.has(id)) await removing.get(id)?.catch(() => undefined);
      const created = await leases.create(id);
      if (!driven.has(id)) (await leases.acquire([id])).forEach(drive);
      driven.get(id)?.instance.connect();
      const view = await find(id);
      return view && { created, view };
    },

    async remove(id) {
      while (removing.has(id)) await removing.get(id)?.catch(() => undefined);
      const work = remove(id).finally(() => removing.delete(id));
      removing.set(id, work);
      return work;
    },

    allowance: (id) => driven.get(id)?.allowance,
    async allow(id, changes) {
      const allowance = await leases.allow(id, changes);
      const held = driven.get(id);
      if (held && allowance) driven.set(id, { ...held, allowance });
      return allowance !== undefined;
    },
    async useProxy(id, url) {
      const held = driven.get(id);
      if (!held) return false;
      await writeProxy(ports.authStore, held.lease, url);
      held.instance.reconnect();
      return true;
    },
    local: (id) => driven.get(id)?.instance,
    lease: (id) => driven.get(id)?.lease,
    localInstances: () => [...driven.values()].map(({ instance }) => instance),
    find,
    async list() {
      return (await leases.list()).map(viewOf);
    },
  };
}
