import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAuthStore } from './auth-state/auth-store.js';
import { createCipher } from './auth-state/cipher.js';
import { type Clock, systemClock, withDeadline } from '../lookups/clock.js';
import type { Config } from './config/config.js';
import { migrate, requireMigrated } from './database/migrate.js';
import { type Pool, createPool } from './database/pool.js';
import { type Events, noEvents, startEvents } from './events/events.js';
import { startHousekeeping } from './housekeeping.js';
import { createServer } from './http/server.js';
import { erasePerson } from './erase.js';
import { limitsOf } from './instances/allowance.js';
import { createBudgets } from './instances/budgets.js';
import { createLeases } from './instances/leases.js';
import { createSupervisor } from './instances/supervisor.js';
import type { Logger } from './logging/logger.js';
import { postgresContacts } from '../lookups/postgres-contacts.js';
import { prunePrivacyTokens } from '../lookups/privacy-tokens.js';
import type { Line } from '../lookups/socket.js';
import { createLookupDesk } from '../lookups/lookup-desk.js';
import { createMetrics } from './metrics/metrics.js';
import { socketOpener } from './whatsapp/socket.js';
import { type Versions, startVersions } from './whatsapp/version.js';

/** The time that a stop gives callers to receive their answers. */
const LAST_ANSWERS_MS = 2_000;
const POOL_END_MS = 1_000;
const PRUNE_MS = 24 * 60 * 60 * 1_000;

export interface BridgeOptions {
  readonly log: Logger;
  readonly clock?: Clock;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random?: () => number;
  /** Adds the metrics of the process; set it once per process. */
  readonly processMetrics?: boolean;
}

export interface Bridge {
  /** The address of the HTTP API. */
  readonly url: string;
  /**
   * Accepts no more requests, answers the waiting ones, closes the connections without logging out, and releases the
   * leases.
   */
  stop(): Promise<void>;
}

/** Creates and starts all parts. @throws when the database cannot be reached or is not migrated */
export async function startBridge(config: Config, options: BridgeOptions): Promise<Bridge> {
  // Two pools, so that a flood of session keys never keeps a lease from being renewed.
  const { connection, control, sessions } = config.database;
  options.log.info({ connection, connections: control + sessions }, 'connections to the database');
  const pool = createPool(config.databaseUrl, control, options.log, connection);
  const sessionPool = createPool(config.databaseUrl, sessions, options.log, connection);
  try {
    await (config.migrate ? migrate(pool) : requireMigrated(pool));
  } catch (err) {
    await Promise.all([pool.end(), sessionPool.end()]);
    throw err;
  }
  const parts = await startVersions({
    clock: options.clock ?? systemClock,
    log: options.log,
    pool,
    url: config.whatsapp.versionUrl,
    pinned: config.whatsapp.version,
  }).then((versions) => assemble(config, options, pool, sessionPool, versions));
  try {
    const url = await parts.start();
    options.log.info({ url, mode: config.mode }, 'bridge is up');
    return { url, stop: () => parts.stop() };
  } catch (err) {
    await parts.stop().catch(() => undefined);
    throw err;
  }
}

function assemble(config: Config, options: BridgeOptions, pool: Pool, sessionPool: Pool, versions: Versions) {
  const { log, clock = systemClock, random = Math.random } = options;
  const contacts = postgresContacts(pool, config.keep.contactDays);
  const budgets = createBudgets(pool);
  let stopping = false;

  const metrics = createMetrics(
    {
      states: () => supervisor.localInstances().map((instance) => instance.status().state),
      queueLength: () => lookups.queueLength(),
      outboxLength: () => events.outboxLength(),
      budgetsLeft: () =>
        [...lookups.all()].map(([id, each]) => [id, each.budget()?.per_minute ?? Number.NaN] as const),
    },
    options.processMetrics ?? false,
  );

  const events: Events = config.events
    ? startEvents(config.events, config.keep.outboxDays, { clock, random, log, pool, contacts, metrics })
    : noEvents(pool, config.keep.outboxDays);

  const supervisor = createSupervisor({
    clock,
    random,
    log,
    leases: createLeases(pool, randomUUID(), config.leaseSeconds),
    leaseSeconds: config.leaseSeconds,
    authStore: createAuthStore(sessionPool, createCipher(config.encryptionKey)),
    openSocket: socketOpener(config.whatsapp, log, () => versions.current()),
    onSocket: (id, socket) => events.listenTo(id, socket),
    onReconnect: (_id, reason) => metrics.reconnect(reason),
    onLetGo: (id) => lookups.letGo(id),
    onRemoved: (id) => lookups.remove(id),
    onState: (id, { state, reason, retryAt = null }) => {
      if (state !== 'connecting') events.tell(id, { state, reason, until: retryAt });
    },
    onRestricted: (id, until) => {
      lookups.of(id).restrict(until);
      const state = until ? 'restricted' : 'unrestricted';
      events.tell(id, { state, reason: 'reachout_time_lock', until: until?.toISOString() ?? null });
    },
    onOutdated: () => versions.refresh(),
  });

  const lineOf = (id: string): Line | undefined => {
    const instance = supervisor.local(id);
    return instance && { state: () => instance.status().state, connection: () => instance.connection() };
  };

  const lookups = createLookupDesk(lineOf, {
    clock,
    random,
    contacts,
    settings: config.lookups,
    limits: (id) => {
      const allowance = supervisor.allowance(id);
      const most = config.lookups.perMinute;
      return allowance ? limitsOf(allowance, clock.now(), most) : { perMinute: most, perDay: null };
    },
    openBudget: async (id) => {
      const lease = supervisor.lease(id);
      if (!lease) throw new Error(`this process does not drive ${id}`);
      return { saved: await budgets.load(id), save: (state) => budgets.save(lease, state) };
    },
    onQuery: (instance, kind) => metrics.query(instance, kind),
    onOutcome: (instance, outcome, seconds) => {
      metrics.lookup(outcome.status, seconds);
      log.debug({ instance, status: outcome.status, seconds }, 'lookup');
    },
  });

  const databaseAnswers = () =>
    pool.query('SELECT 1').then(
      () => true,
      () => false,
    );

  const server = createServer(
    {
      clock,
      supervisor,
      lookups,
      metrics,
      erase: (address, instanceIds) =>
        erasePerson(
          { pool, contacts, events, localInstances: () => supervisor.localInstances() },
          address,
          instanceIds,
        ),
      ready: async () => !stopping && (await databaseAnswers()),
    },
    config.tokens,
    log,
  );

  let prunedAt = 0;
  const pruneTokens = async () => {
    if (clock.now() - prunedAt < PRUNE_MS) return;
    prunedAt = clock.now();
    for (const instance of supervisor.localInstances()) {
      const socket = instance.connection()?.socket;
      if (socket) await prunePrivacyTokens(socket.authState.keys, clock.now());
    }
  };

  const stopHousekeeping = startHousekeeping(clock, log, [
    () => contacts.expire(),
    () => events.trim(),
    pruneTokens,
  ]);

  return {
    async start(): Promise<string> {
      await server.listen({ host: config.host, port: config.port });
      await supervisor.start(config.instances);
      const { address, port, family } = server.server.address() as AddressInfo;
      return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
    },

    async stop(): Promise<void> {
      stopping = true;
      const closed = server.close();
      versions.stop();
      await lookups.stop();
      stopHousekeeping();
      await supervisor.stop();
      await events.stop();
      await withDeadline(clock, LAST_ANSWERS_MS, closed).catch(() => server.server.closeAllConnections());
      await closed;
      await withDeadline(clock, POOL_END_MS, Promise.all([pool.end(), sessionPool.end()])).catch(
        () => undefined,
      );
    },
  };
}
