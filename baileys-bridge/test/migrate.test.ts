import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, requireMigrated } from '../src/database/migrate.js';
import { createPool } from '../src/database/pool.js';
import { createLogger } from '../src/logging/logger.js';
import { type World, createWorld } from './support/world.js';

const log = createLogger('silent');
let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('before it was migrated, a bridge that must not migrate says what to do', async () => {
  await expect(requireMigrated(world.database.pool)).rejects.toThrow(/npm run migrate/);
  await expect(world.bridge({ BRIDGE_MIGRATE: 'off' })).rejects.toThrow(
    /at version none, this bridge needs \d/,
  );
});

test('processes that migrate at the same time do it once', async () => {
  const { pool } = world.database;

  await Promise.all([migrate(pool), migrate(pool), migrate(pool)]);
  await migrate(pool);

  const { rows } = await pool.query<{ version: number }>(
    'SELECT version FROM bridge.schema_migrations ORDER BY 1',
  );
  expect(rows.map(({ version }) => version)).toEqual(rows.map((_, index) => index + 1));
  expect(rows.length).toBeGreaterThanOrEqual(4);
});

test('a migration that was edited after it had been applied is refused', async () => {
  const { pool } = world.database;
  const checksum =
    "UPDATE bridge.schema_migrations SET checksum = $1 || checksum WHERE version = 1 RETURNING 'x'";
  await pool.query(checksum, ['edited ']);

  await expect(migrate(pool)).rejects.toThrow(/001_instances.sql was changed/);

  await pool.query("UPDATE bridge.schema_migrations SET checksum = replace(checksum, 'edited ', '')");
});

test('a role that may only use the tables runs the bridge', async () => {
  const { pool } = world.database;
  const role = `bridge_role_${process.pid}`;
  await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'only-for-this-test'`);
  await pool.query(`GRANT USAGE ON SCHEMA bridge TO ${role}`);
  await pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA bridge TO ${role}`);
  const url = new URL(world.database.url);
  url.username = role;
  url.password = 'only-for-this-test';

  const bridge = await world.bridge({ BRIDGE_DATABASE_URL: url.href, BRIDGE_MIGRATE: 'off' });
  await world.pair(bridge, 'humble', '5511900000001');
  expect((await bridge.api.picture('humble', '5562999212484')).status).toBe(200);
  await bridge.stop();

  // A migration without pending changes does not fail either.
  const restricted = createPool(url.href, 1, log);
  await migrate(restricted);
  await restricted.end();
  await pool.query(`DROP OWNED BY ${role}`);
  await pool.query(`DROP ROLE ${role}`);
});
