import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createAuthStore } from './auth-state/auth-store.js';
import { createCipher } from './auth-state/cipher.js';
import { type Clock, systemClock } from './clock.js';
import type { Config } from './config/config.js';
import { migrate, requireMigrated } from './database/migrate.js';
import { createPool } from './database/pool.js';
import { createServer } from './http/server.js';
import { createLeases } from './instances/leases.js';
import { createSupervisor } from './instances/supervisor.js';
import type { Logger } from './logging/logger.js';
import { createContacts } from './lookups/contacts.js';
import { type Lookups, createLookups } from './lookups/lookups.js';
import { createMetrics } from './metrics/metrics.js';
import { socketOpener } from './whatsapp/socket.js';

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
  const { log, clock = systemClock, random = Math.random } = options;
  const pool = createPool(config.databaseUrl, config.databasePool, log);
  const contacts = createContacts(pool);
  const lookups = new Map<string, Lookups>();
  let stopping = false;

  const metrics = createMetrics(
    {
      states: () => supervisor.localInstances().map((instance) => instance.status().state),
      queueLength: () => [...lookups.values()].reduce((sum, each) => sum + each.queueLength(), 0),
      outboxLength: async () => 0,
    },
    options.processMetrics ?? false,
  );

  const supervisor = createSupervisor({
    clock,
    random,
    log,
    leases: createLeases(pool, randomUUID(), config.leaseSeconds),
    leaseSeconds: config.leaseSeconds,
    authStore: createAuthStore(pool, createCipher(config.encryptionKey)),
    openSocket: socketOpener(config.whatsapp, log),
    onSocket: () => undefined,
    onReconnect: (_id, reason) => metrics.reconnect(reason),
    onRemoved: (id) => {
      lookups.get(id)?.stop();
      lookups.delete(id);
    },
  });

  const lookupsOf = (id: string): Lookups => {
    const existing = lookups.get(id);
    if (existing) return existing;
    const made = createLookups(id, () => supervisor.local(id), {
      clock,
      random,
      contacts,
      settings: config.lookups,
      onOutcome: (instance, outcome, seconds) => {
        metrics.lookup(outcome.status, seconds);
        log.debug({ instance, status: outcome.status, seconds }, 'lookup');
      },
    });
    lookups.set(id, made);
    return made;
  };

  const server = createServer(
    {
      clock,
      supervisor,
      lookupsOf,
      metrics,
      ready: async () =>
        !stopping &&
        (await pool.query('SELECT 1').then(
          () => true,
          () => false,
        )),
    },
    config.tokens,
    log,
  );

  const stop = async () => {
    stopping = true;
    const closed = server.close();
    for (const each of lookups.values()) each.stop();
    await supervisor.stop();
    await closed;
    await pool.end();
  };

  try {
    await (config.migrate ? migrate(pool) : requireMigrated(pool));
    await server.listen({ host: config.host, port: config.port });
    await supervisor.start(config.instances);
  } catch (err) {
    await stop().catch(() => undefined);
    throw err;
  }
  const { address, port, family } = server.server.address() as AddressInfo;
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  log.info({ url, mode: config.mode }, 'bridge is up');
  return { url, stop };
}
