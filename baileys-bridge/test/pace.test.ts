import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../src/database/migrate.js';
import { createContacts } from '../src/lookups/contacts.js';
import { createLookups } from '../src/lookups/lookups.js';
import type { LookupOutcome } from '../src/lookups/outcome.js';
import { createPace } from '../src/lookups/pace.js';
import { eventually } from './support/eventually.js';
import { type FakeClock, createFakeClock } from './support/fake-clock.js';
import { type LiveInstance, createLiveInstance, pairLiveInstance } from './support/live-instance.js';
import { type World, createWorld } from './support/world.js';
import { systemClock } from '../src/clock.js';

let world: World;
let live: LiveInstance;

beforeAll(async () => {
  world = await createWorld();
  await migrate(world.database.pool);
  live = await createLiveInstance(world, 'paced', systemClock, Math.random);
  await pairLiveInstance(world, live, '5511900000001');
});
afterAll(async () => {
  await live.instance.stop();
  await world.close();
});

const settings = { perMinute: 60, queueLength: 500, deadlineMs: 8_000, throttledRetryAfterSeconds: 60 };
const pictures = () => world.fake.requests().filter(({ kind }) => kind === 'picture').length;
const phone = (index: number) =>
  ({ kind: 'phone', phone: `14155${String(index).padStart(6, '0')}` }) as const;

test('500 lookups in a burst leave one per second at 60 a minute, and all are answered', async () => {
  const clock = createFakeClock();
  const lookups = createLookups('paced', () => live.instance, {
    clock,
    random: () => 0.5,
    contacts: createContacts(world.database.pool),
    settings,
    onOutcome: () => undefined,
  });
  world.fake.clearRequests();
  let answered = 0;
  const outcomes = Array.from({ length: 500 }, (_, index) =>
    lookups.lookup(phone(index), 'image').finally(() => answered++),
  );

  for (let second = 1; second <= 500; second++) {
    await eventually(() => answered === second);
    expect(pictures()).toBe(second);
    clock.advance(1_000);
  }

  expect(new Set((await Promise.all(outcomes)).map(({ status }) => status))).toEqual(new Set(['not_set']));
  expect(lookups.queueLength()).toBe(0);
}, 180_000);

/** Runs what is scheduled, letting each task's promises settle before time moves on. */
async function runAll(clock: FakeClock): Promise<void> {
  do await new Promise(setImmediate);
  while (clock.runNext());
}

test('the interval varies by a fifth, and a quiet hour does not save up for a burst', async () => {
  const clock = createFakeClock();
  const values = [0, 0.999_999, 0.5];
  const pace = createPace(clock, () => values.shift() ?? 0.5, 60);
  const { signal } = new AbortController();
  const left: number[] = [];
  const start = clock.now();
  const ask = () => pace.slot(signal).then(() => left.push(clock.now() - start));

  for (let index = 0; index < 4; index++) void ask();
  await runAll(clock);
  expect(left).toEqual([0, 800, 1_999.999_6, 2_999.999_6].map((at) => expect.closeTo(at, 2) as number));

  clock.advance(60 * 60_000);
  left.length = 0;
  for (let index = 0; index < 3; index++) void ask();
  await runAll(clock);
  expect(left.map((at) => at - (left[0] ?? 0))).toEqual([0, 1_000, 2_000]);
});

test('when too many wait, the next is told to come back once they are through', async () => {
  const outcomes: LookupOutcome[] = [];
  const lookups = createLookups('paced', () => live.instance, {
    clock: createFakeClock(),
    random: () => 0.5,
    contacts: createContacts(world.database.pool),
    settings: { ...settings, queueLength: 3 },
    onOutcome: (_id, outcome) => outcomes.push(outcome),
  });
  // One runs, three wait.
  const accepted = [600, 601, 602, 603].map((index) => lookups.lookup(phone(index), 'image'));

  const refused = await lookups.lookup(phone(604), 'image');

  expect(refused).toEqual({ status: 'throttled', reason: 'queue_full', retryAfterSeconds: 3 });
  expect(outcomes).toContainEqual(refused);
  lookups.stop();
  const statuses = (await Promise.all(accepted)).map(({ status }) => status);
  expect(statuses.slice(1)).toEqual(['disconnected', 'disconnected', 'disconnected']);
});

test('questions about one contact at the same time are asked once', async () => {
  const lookups = createLookups('paced', () => live.instance, {
    clock: systemClock,
    random: () => 0.5,
    contacts: createContacts(world.database.pool),
    settings: { ...settings, perMinute: 60_000 },
    onOutcome: () => undefined,
  });
  world.fake.setContact('556299213000', { picture: 'set' });
  world.fake.clearRequests();

  const both = await Promise.all([
    lookups.lookup({ kind: 'phone', phone: '5562999213000' }, 'image'),
    lookups.lookup({ kind: 'phone', phone: '556299213000' }, 'image'),
  ]);
  expect(both.map(({ status }) => status)).toEqual(['found', 'found']);
  expect(pictures()).toBe(1);

  await lookups.lookup({ kind: 'phone', phone: '5562999213000' }, 'preview');
  expect(pictures()).toBe(2);
});
