import { ConfigError } from './config/config.js';
import { readSecretFiles } from './config/secret-files.js';
import { migrate } from './database/migrate.js';
import { type Connection, connections, createPool } from './database/pool.js';
import { createLogger } from './logging/logger.js';

/** Migrates and exits, for deployments in which the bridge's own role may not change the schema. */
async function main(): Promise<void> {
  readSecretFiles(process.env);
  const url = process.env.BRIDGE_DATABASE_URL;
  if (!url) throw new ConfigError('BRIDGE_DATABASE_URL is required: a role that may create schema bridge');
  const connection = readConnection(process.env.BRIDGE_DATABASE_CONNECTION);
  const log = createLogger('info');
  const pool = createPool(url, 2, log, connection);
  try {
    await migrate(pool);
    log.info('schema bridge is up to date');
  } finally {
    await pool.end();
  }
}

/** Reads the kind of connection. The migration is one transaction under its own lock, so any pooler works. */
function readConnection(given = ''): Connection {
  const connection = connections.find((each) => each === (given.trim() || 'direct'));
  if (connection === undefined) {
    throw new ConfigError(`BRIDGE_DATABASE_CONNECTION is wrong: must be ${connections.join(', ')}`);
  }
  return connection;
}

main().catch((err: unknown) => {
  process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
  process.exitCode = 1;
});
