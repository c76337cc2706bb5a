import pg from 'pg';
import type { Logger } from '../logging/logger.js';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;

/**
 * The kinds of server at the other end of a connection: `direct` is the database server itself, `session` is a pooler
 * that lends a server connection for as long as ours stays open, and `transaction` is a pooler that lends a server
 * connection for a transaction.
 */
export const connections = ['direct', 'session', 'transaction'] as const;
export type Connection = (typeof connections)[number];

const STATEMENT_TIMEOUT_MS = 10_000;

/**
 * Creates a pool whose waits are all bounded, so that the bridge notices a hanging database before a lease expires.
 *
 * The server itself ends slow statements only on direct and session connections. A pooler refuses connections that name
 * a timeout, and behind a pooler in transaction mode a SET would affect the next client: on a transaction connection
 * only our own time limit ends the wait.
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
  // Without a listener, the failure of an idle connection would end the process.
  pool.on('error', (err) => log.warn({ err }, 'an idle database connection broke'));
  if (connection === 'session') {
    pool.on('connect', (client) => {
      // This statement is queued before the first statement of the caller.
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
