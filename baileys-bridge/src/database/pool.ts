import pg from 'pg';
import type { Logger } from '../logging/logger.js';

export type Pool = pg.Pool;
export type Client = pg.PoolClient;

/** A pool whose waits are all bounded, so that a database that hangs is noticed before a lease runs out. */
export function createPool(url: string, max: number, log: Logger): Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    statement_timeout: 10_000,
    idleTimeoutMillis: 30_000,
    application_name: 'baileys-bridge',
  });
  // Without a listener an idle connection's death would end the process.
  pool.on('error', (err) => log.warn({ err }, 'an idle database connection broke'));
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
