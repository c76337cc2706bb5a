import { ConfigError } from './config/config.js';
import { migrate } from './database/migrate.js';
import { createPool } from './database/pool.js';
import { createLogger } from './logging/logger.js';

/** Migrates and ends: for deployments in which the bridge's own role may not change the schema. */
async function main(): Promise<void> {
  const url = process.env.BRIDGE_DATABASE_URL;
  if (!url) throw new ConfigError('BRIDGE_DATABASE_URL is required: a role that may create schema bridge');
  const log = createLogger('info');
  const pool = createPool(url, 2, log);
  try {
    await migrate(pool);
    log.info('schema bridge is up to date');
  } finally {
    await pool.end();
  }
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
  process.exitCode = 1;
});
