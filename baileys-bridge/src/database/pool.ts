import pg from 'pg';
import type { Logger } from '../logging/logger.js';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;

/**
 * The kinds of server that a connection leads to: the database server itself, a pooler that lends one of the server's
 * connections for as long as ours stays open, or a pooler that lends one for a transaction.
 */
export const connections = ['direct', 'session', 'transaction'] as const;
export type Connection = (typeof connections)[number];

const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * A pool whose waits are all bounded, so that a database that hangs is noticed before a lease runs out.
 *
 * The server ends a slow statement by itself only where that can be asked for: a pooler refuses connections that name a
 * timeout, and behind a pooler in transaction mode a SET would affect the next client. There only our own time limit
 * ends the wait.
 */
export function createPool(url: string, max: number, log: Logger, connection: Connection = 'direct'): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    query_timeout: STATEMENT_TIMEOUT_MS,
    ...(connection === 'direct' && { statement_timeout: STATEMENT_TIMEOUT_MS }),
    idleTimeoutMillis: 30_000,
    application_name: 'baileys-bridge',
  });
  // Without a listener an idle connection's death would end the process.
  pool.on('error', (err) => log.warn({ err }, 'an idle database connection broke'));
  if (connection === 'session') {
    pool.on('connect', (client) => {
      // Queued before the first statement of the caller.
      client
        .query(`SET statement_timeout = ${STATEMENT_TIMEOUT_MS}`)
        .catch((err: unknown) => log.warn({ err }, 'statements of a database connection have no timeout'));
    });
  }
  return pool;
}

/** Runs `work` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (err) {
    await client.query('ROLLBACK').catch((rollback: Error) => (broken = rollback));
    throw err;
  } finally {
    client.release(broken);
  }
}
