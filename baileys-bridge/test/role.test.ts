import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../src/database/migrate.js';
import { type World, createWorld } from './support/world.js';

let world: World;
const role = `bridge_role_${Date.now()}`;

beforeAll(async () => {
  world = await createWorld();
  await migrate(world.database.pool);
});
afterAll(async () => {
  await world.database.pool.query(`DROP OWNED BY ${role}`);
  await world.database.pool.query(`DROP ROLE ${role}`);
  await world.close();
});

test("the README's grants are enough to run, and reach nothing else", async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const sql = /```sql\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  await world.database.pool.query('CREATE TABLE public.leads (id int)');
  await world.database.pool.query(sql.replaceAll('bridge_role', role).replaceAll("'a-password'", "'secret'"));
  const url = new URL(world.database.url);
  url.username = role;
  url.password = 'secret';

  const bridge = await world.bridge({ BRIDGE_DATABASE_URL: url.href, BRIDGE_MIGRATE: 'off' });
  await world.pair(bridge, 'demo', '5511900000001');
  world.fake.setContact('5562999410201', { picture: 'set' });

  expect((await bridge.api.picture('demo', '5562999410201')).body.status).toBe('found');
  expect((await bridge.api.delete('/contacts?phone=5562999410201')).status).toBe(204);
  const { rows } = await world.database.pool.query<{ allowed: boolean }>(
    "SELECT has_table_privilege($1, 'public.leads', 'SELECT') OR has_schema_privilege($1, 'bridge', 'CREATE') AS allowed",
    [role],
  );
  expect(rows).toEqual([{ allowed: false }]);
  await bridge.stop();
});
