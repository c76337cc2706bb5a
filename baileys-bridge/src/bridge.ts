import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAuthStore } from './auth-state/auth-store.js';
import { createCipher } from './auth-state/cipher.js';
import { type Clock, systemClock, withDeadline } from './clock.js';
import type { Config } from './config/config.js';
import { migrate, requireMigrated } from './database/migrate.js';
import { type Pool, createPool } from './database/pool.js';
import { type Events, noEvents, startEvents } from './events/events.js';
import { startHousekeeping } from './housekeeping.js';
import { createServer } from './http/server.js';
import { createLeases } from './instances/leases.js';
import { createSupervisor } from './instances/supervisor.js';
import type { Logger } from './logging/logger.js';
import { createContacts } from './lookups/contacts.js';
import { createLookupDesk } from './lookups/lookup-desk.js';
import { createMetrics } from './metrics/metrics.js';
import { socketOpener } from './whatsapp/socket.js';

/** How long a stop waits for callers to take their answers. */
const LAST_ANSWERS_MS = 2_000;
const POOL_END_MS = 1_000;
/** Database connections for leases, states, lookups and events. */
const CONTROL_CONNECTIONS = 4;

export interface BridgeOptions {
  readonly log: Logger;
  readonly clock?: Clock;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random?: () => number;
  /** Adds the process's own metrics: once per process. */
  readonly processMetrics?: boolean;
}

export interface Bridge {
  /** Where the HTTP API listens. */
  readonly url: string;
  /** Stops accepting, answers what waits, closes the connections without logging out, gives the numbers back. */
  stop(): Promise<void>;
}

/** Puts the parts together and starts them. @throws when the database cannot be reached or is not migrated */
export async function startBridge(config: Config, options: BridgeOptions): Promise<Bridge> {
  // Apart, so that a flood of session keys never keeps a lease from being renewed.
  const pool = createPool(config.databaseUrl, CONTROL_CONNECTIONS, options.log);
  const sessionPool = createPool(config.databaseUrl, config.databasePool, options.log);
  try {
    await (config.migrate ? migrate(pool) : requireMigrated(pool));
  } catch (err) {
    await Promise.all([pool.end(), sessionPool.end()]);
    throw err;
  }
  const parts = assemble(config, options, pool, sessionPool);
  try {
    const url = await parts.start();
    options.log.info({ url, mode: config.mode }, 'bridge is up');
    return { url, stop: () => parts.stop() };
  } catch (err) {
    await parts.stop().catch(() => undefined);
    throw err;
  }
}

function assemble(config: Config, options: BridgeOptions, pool: Pool, sessionPool: Pool) {
  const { log, clock = systemClock, random = Math.random } = options;
  const contacts = createContacts(pool);
  let stopping = false;

  const metrics = createMetrics(
    {
      states: () => supervisor.localInstances().map((instance) => instance.status().state),
      queueLength: () => lookups.queueLength(),
      outboxLength: () => events.outboxLength(),
    },
    options.processMetrics ?? false,
  );

  const events: Events = config.events
    ? startEvents(config.events, { clock, random, log, pool, contacts, metrics })
    : noEvents;

  const supervisor = createSupervisor({
    clock,
    random,
    log,
    leases: createLeases(pool, randomUUID(), config.leaseSeconds),
    leaseSeconds: config.leaseSeconds,
    authStore: createAuthStore(sessionPool, createCipher(config.encryptionKey)),
    openSocket: socketOpener(config.whatsapp, log),
    onSocket: (id, socket) => events.listenTo(id, socket),
    onReconnect: (_id, reason) => metrics.reconnect(reason),
    onRemoved: (id) => lookups.remove(id),
  });

  const lookups = createLookupDesk((id) => supervisor.local(id), {
    clock,
    random,
    contacts,
    settings: config.lookups,
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
    { clock, supervisor, lookups, metrics, ready: async () => !stopping && (await databaseAnswers()) },
    config.tokens,
    log,
  );

  const stopHousekeeping = startHousekeeping(clock, log, [() => contacts.expire(), () => events.trim()]);

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
      lookups.stop();
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
