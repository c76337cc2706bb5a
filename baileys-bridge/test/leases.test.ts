import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './support/eventually.js';
import { type TestBridge, type World, createWorld } from './support/world.js';

const account = '5511900000001';
let world: World;
let bridge: TestBridge;

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge({ BRIDGE_LEASE_SECONDS: '6' });
  await world.pair(bridge, 'held', account);
});
afterAll(() => world.close());

test('a number that is created while the leases are being renewed is kept', async () => {
  const { pool } = world.database;
  const blocker = await pool.connect();
  await blocker.query('BEGIN');
  await blocker.query("SELECT FROM bridge.instances WHERE id = 'held' FOR UPDATE");
  await eventually(async () => {
    const waiting = await pool.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%lease_until > now() RETURNING%'",
    );
    return waiting.rowCount === 1;
  });
  await bridge.api.post('/instances/newcomer');
  await blocker.query('COMMIT');
  blocker.release();

  const until = async () => {
    const { rows } = await pool.query<{ lease_until: Date }>(
      "SELECT lease_until FROM bridge.instances WHERE id = 'newcomer'",
    );
    return rows[0]?.lease_until.getTime() ?? 0;
  };
  const first = await until();
  await eventually(async () => (await until()) > first);
  expect((await bridge.api.get('/instances/newcomer')).body).toMatchObject({ local: true });
  expect(bridge.logged()).not.toContain('another process drives');
});

test('whoever cannot renew goes off the line before the lease ends, and comes back with the database', async () => {
  const { pool } = world.database;
  await bridge.api.untilState('held', 'open');

  await pool.query('ALTER TABLE bridge.instances RENAME TO away');
  await eventually(() => world.fake.sessions().every(({ user }) => user !== account));
  const { rows } = await pool.query<{ expired: boolean }>(
    "SELECT lease_until <= now() AS expired FROM bridge.away WHERE id = 'held'",
  );
  expect(rows).toEqual([{ expired: false }]);

  await pool.query('ALTER TABLE bridge.away RENAME TO instances');
  await bridge.api.untilState('held', 'open');
  expect(bridge.logged()).toContain('could not be renewed in time');
});

test.each([
  ['paused', 'paused'],
  ['replaced', 'replaced'],
  ['logged_out', 'logged_out'],
])('a number that was %s stays so over a restart', async (state, after) => {
  const { pool } = world.database;
  await pool.query('INSERT INTO bridge.instances (id, state) VALUES ($1, $2)', [`was-${state}`, state]);

  await eventually(async () => (await bridge.api.get(`/instances/was-${state}`)).body.local === true);

  expect((await bridge.api.get(`/instances/was-${state}`)).body.state).toBe(after);
});

test('connecting wakes a number that had given up waiting to be scanned', async () => {
  const { pool } = world.database;
  await pool.query("INSERT INTO bridge.instances (id, state) VALUES ('sleepy', 'paused')");
  await eventually(async () => (await bridge.api.get('/instances/sleepy')).body.local === true);

  expect((await bridge.api.get('/instances/sleepy/qr')).body).toEqual({ state: 'paused', qr: null });
  await bridge.api.post('/instances/sleepy');
  await eventually(async () => (await bridge.api.get('/instances/sleepy/qr')).body.qr);

  expect((await bridge.api.get('/instances/sleepy')).body.state).toBe('qr');
});
