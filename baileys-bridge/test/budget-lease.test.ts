import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BudgetState } from '../lookups/budget.js';
import { eventually } from './support/eventually.js';
import { type TestBridge, type World, createWorld } from './support/world.js';

const phone = '5562999210001';
const shortLease = { BRIDGE_LEASE_SECONDS: '3' };
let world: World;

beforeAll(async () => {
  world = await createWorld();
  world.fake.setContact(phone, { picture: 'set' });
});
afterAll(() => world.close());

const query = (sql: string, values: unknown[] = []) => world.database.pool.query(sql, values);

/** A rest of an hour that another process noted after many queries. */
const restOfAnHour = (): BudgetState => ({
  share: 0.25,
  shareAt: Date.now(),
  restingUntil: Date.now() + 3_600_000,
  nextRestMs: 3_600_000,
  day: new Date().toISOString().slice(0, 10),
  usedToday: 4_321,
});

const store = (id: string, state: BudgetState) =>
  query(
    `INSERT INTO bridge.budgets (instance_id, state) VALUES ($1, $2)
     ON CONFLICT (instance_id) DO UPDATE SET state = excluded.state`,
    [id, JSON.stringify(state)],
  );

const stored = async (id: string): Promise<BudgetState | undefined> => {
  const { rows } = await query('SELECT state FROM bridge.budgets WHERE instance_id = $1', [id]);
  return (rows[0] as { state: BudgetState } | undefined)?.state;
};

/** Gives the number to another process, as after a cut of the network, and waits until the bridge lets it go. */
async function takeAway(bridge: TestBridge, id: string): Promise<void> {
  await query(
    `UPDATE bridge.instances SET owner = 'another', fence = fence + 1, lease_until = now() + interval '1 hour'
     WHERE id = $1`,
    [id],
  );
  await eventually(async () => (await bridge.api.get(`/instances/${id}`)).body.local === false);
}

/** Lets the other process die, and waits until the bridge has the number back. */
async function giveBack(bridge: TestBridge, id: string): Promise<void> {
  await query('UPDATE bridge.instances SET lease_until = now() WHERE id = $1', [id]);
  await eventually(async () => (await bridge.api.get(`/instances/${id}`)).body.local === true);
  await bridge.api.untilState(id, 'open');
}

test('a rest that another process noted holds for whoever takes the number back', async () => {
  const bridge = await world.bridge(shortLease);
  await world.pair(bridge, 'back', '5511900000001');
  expect((await bridge.api.picture('back', phone)).body.status).toBe('found');

  await takeAway(bridge, 'back');
  const rest = restOfAnHour();
  await store('back', rest);
  await giveBack(bridge, 'back');

  const { status, body } = await bridge.api.picture('back', phone);
  expect({ status, body }).toMatchObject({ status: 429, body: { by: 'whatsapp', queries: 0 } });
  expect((await bridge.api.get('/instances/back')).body.budget).toMatchObject({
    used_today: rest.usedToday,
    resting_until: new Date(rest.restingUntil).toISOString(),
  });
  await bridge.stop();
  expect(await stored('back')).toEqual(rest);
});

test('a process that lost a number leaves the budget to the next owner', async () => {
  const bridge = await world.bridge(shortLease);
  await world.pair(bridge, 'lost', '5511900000002');
  expect((await bridge.api.picture('lost', phone)).body.status).toBe('found');

  await takeAway(bridge, 'lost');
  const rest = restOfAnHour();
  await store('lost', rest);
  await bridge.stop();

  expect(await stored('lost')).toEqual(rest);
});

test('while the budget cannot be read nothing is asked, and the next lookup reads it again', async () => {
  const first = await world.bridge();
  await world.pair(first, 'unread', '5511900000003');
  await first.stop();
  const rest = restOfAnHour();
  await store('unread', rest);
  const bridge = await world.bridge();
  await bridge.api.untilState('unread', 'open');
  await query('ALTER TABLE bridge.budgets RENAME TO budgets_away');
  world.fake.clearRequests();

  const blind = await bridge.api.picture('unread', phone);
  const blindBatch = await bridge.api.post('/instances/unread/picture-ids', { contacts: [{ phone }] });

  await query('ALTER TABLE bridge.budgets_away RENAME TO budgets');
  for (const { status, body, headers } of [blind, blindBatch]) {
    expect({ status, body }).toEqual({ status: 503, body: { status: 'unavailable' } });
    expect(headers.get('retry-after')).toBe('5');
  }
  expect(world.fake.requests()).toEqual([]);
  expect((await bridge.api.picture('unread', phone)).body).toMatchObject({ by: 'whatsapp', queries: 0 });
  await bridge.stop();
  expect(await stored('unread')).toEqual(rest);
});

test('a rest that could not be stored outlives a lapse of the lease', async () => {
  const bridge = await world.bridge(shortLease);
  await world.pair(bridge, 'lapsed', '5511900000004');
  expect((await bridge.api.picture('lapsed', phone)).body.status).toBe('found');
  const throttled = '5562999210009';
  world.fake.setContact(throttled, { picture: 'throttled' });
  await query('ALTER TABLE bridge.budgets RENAME TO budgets_away');
  expect((await bridge.api.picture('lapsed', throttled)).status).toBe(429);

  await takeAway(bridge, 'lapsed');
  await query('ALTER TABLE bridge.budgets_away RENAME TO budgets');
  await giveBack(bridge, 'lapsed');

  expect((await bridge.api.picture('lapsed', phone)).body).toMatchObject({ by: 'whatsapp', queries: 0 });
  await bridge.stop();
  expect((await stored('lapsed'))?.restingUntil).toBeGreaterThan(Date.now());
});
