import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../lookups/clock.js';
import { memoryContacts } from '../lookups/contacts.js';
import type { BudgetState } from '../lookups/budget.js';
import { type LookupPorts, createLookups } from '../lookups/lookups.js';
import type { LookupOutcome } from '../lookups/outcome.js';
import { migrate } from '../src/database/migrate.js';
import { eventually } from './support/eventually.js';
import { createFakeClock } from './support/fake-clock.js';
import { type LiveInstance, createLiveInstance, pairLiveInstance } from './support/live-instance.js';
import { type World, createWorld } from './support/world.js';

let world: World;
let live: LiveInstance;

beforeAll(async () => {
  world = await createWorld();
  await migrate(world.database.pool);
  live = await createLiveInstance(world, 'paced', systemClock, Math.random);
  await pairLiveInstance(world, live, '5511900000001');
});
beforeEach(() => world.fake.clearRequests());
afterAll(async () => {
  await live.instance.stop();
  await world.close();
});

const settings = {
  maxWaitMs: 3_000,
  deadlineMs: 8_000,
  throttledRetryAfterSeconds: 60,
  batchSpacingMs: 20_000,
};
const queries = () => new Set(world.fake.requests().map(({ seq }) => seq)).size;
const question = (index: number) =>
  ({
    address: { kind: 'phone', phone: `14155${String(index).padStart(6, '0')}` },
    type: 'image',
    knownId: undefined,
  }) as const;

function lookupsWith(changes: Partial<LookupPorts> = {}) {
  return createLookups(
    'paced',
    () => ({ state: () => live.instance.status().state, connection: () => live.instance.connection() }),
    {
      clock: systemClock,
      random: () => 0.5,
      contacts: memoryContacts(),
      settings,
      limits: () => ({ perMinute: 60_000, perDay: null }),
      openBudget: async () => ({ saved: undefined, save: async () => undefined }),
      onQuery: () => undefined,
      onOutcome: () => undefined,
      ...changes,
    },
  );
}

test('above the ceiling everybody is answered at once, told by whom, and WhatsApp is not asked', async () => {
  const clock = createFakeClock();
  const limits = () => ({ perMinute: 60, perDay: null });
  const lookups = lookupsWith({ clock, limits, settings: { ...settings, maxWaitMs: 0 } });

  const outcomes: LookupOutcome[] = [];
  for (let index = 0; index < 20; index++) outcomes.push(await lookups.lookup(question(index)));

  const refused = outcomes.filter(({ status }) => status === 'throttled');
  expect(refused.length).toBeGreaterThanOrEqual(15);
  expect(refused[0]).toMatchObject({ by: 'bridge', reason: 'ceiling', queries: 0 });
  // A new contact costs two queries, and both count.
  expect(queries()).toBeLessThanOrEqual(6);
  expect(queries()).toBe(outcomes.reduce((sum, outcome) => sum + outcome.queries, 0));
});

test('a question that cannot start in time is sent away instead of outlasting its caller', async () => {
  const clock = createFakeClock();
  const lookups = lookupsWith({ clock });
  for (let index = 100; index < 104; index++)
    world.fake.setContact(question(index).address.phone, { picture: 'silent' });
  const silent = [100, 101, 102, 103].map((index) => lookups.lookup(question(index)));
  await eventually(() => queries() === 8);
  const late = lookups.lookup(question(104));
  await eventually(() => lookups.queueLength() === 5);

  clock.advance(settings.maxWaitMs);

  expect(await late).toMatchObject({ status: 'throttled', by: 'bridge', reason: 'busy', queries: 0 });
  clock.advance(settings.deadlineMs);
  expect((await Promise.all(silent)).map(({ status }) => status)).toEqual(Array(4).fill('no_answer'));
});

test('one contact to whom WhatsApp says nothing does not hold up the others', async () => {
  const lookups = lookupsWith();
  world.fake.setContact(question(200).address.phone, { picture: 'silent' });
  void lookups.lookup(question(200));
  await eventually(() => queries() === 2);

  expect(await lookups.lookup(question(201))).toMatchObject({ status: 'not_set' });
  await lookups.stop();
});

test('questions about one contact at the same time are asked once', async () => {
  const lookups = lookupsWith();
  world.fake.setContact('556299213000', { picture: 'set' });
  const ask = (phone: string, type: 'image' | 'preview' = 'image') =>
    lookups.lookup({ address: { kind: 'phone', phone }, type, knownId: undefined });
  const pictures = () => world.fake.requests().filter(({ kind }) => kind === 'picture').length;

  const both = await Promise.all([ask('5562999213000'), ask('556299213000')]);
  expect(both.map(({ status }) => status)).toEqual(['found', 'found']);
  expect(pictures()).toBe(1);

  await ask('5562999213000', 'preview');
  expect(pictures()).toBe(2);
});

test('what the number has left is saved, and the next process goes on from there', async () => {
  let saved: BudgetState | undefined;
  const openBudget = async () => ({ saved, save: async (state: BudgetState) => void (saved = state) });
  world.fake.setContact(question(300).address.phone, { picture: 'throttled' });
  const before = lookupsWith({ openBudget });
  expect(await before.lookup(question(300))).toMatchObject({ status: 'throttled', by: 'whatsapp' });
  await before.stop();

  const after = lookupsWith({ openBudget });

  expect(await after.lookup(question(301))).toMatchObject({
    status: 'throttled',
    by: 'whatsapp',
    queries: 0,
  });
  expect(after.budget()).toMatchObject({ per_minute: 30_000, used_today: 2 });
});

test('many questions at once are no leak of listeners', async () => {
  const warnings: string[] = [];
  const note = (warning: Error) => void warnings.push(warning.name);
  process.on('warning', note);
  const lookups = lookupsWith();

  await Promise.all(Array.from({ length: 40 }, (_, index) => lookups.lookup(question(400 + index))));

  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  expect(warnings).toEqual([]);
});
