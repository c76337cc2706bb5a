import { expect, test } from 'vitest';
import { type Limits, createBudget, moreCareful } from '../lookups/budget.js';
import { limitsOf } from '../src/instances/allowance.js';
import { createFakeClock } from './support/fake-clock.js';

const MINUTE = 60_000;

function budgetOf(
  limits: Limits,
  clock = createFakeClock(),
  saved?: ReturnType<ReturnType<typeof createBudget>['state']>,
) {
  const ports = { clock, random: () => 0.5, limits: () => limits, firstRestSeconds: 60 };
  return { clock, budget: createBudget(ports, saved) };
}

/** Counts the queries that may leave without a wait. */
function spendAll(budget: ReturnType<typeof createBudget>): number {
  let left = 0;
  while (typeof budget.reserve(0) === 'number') left++;
  return left;
}

test('in a minute no more leaves than the limit and the small burst, however they come', () => {
  const { clock, budget } = budgetOf({ perMinute: 60, perDay: null });
  let left = 0;

  for (let step = 0; step < 600; step++) {
    left += spendAll(budget);
    clock.advance(100);
  }

  expect(left).toBeGreaterThanOrEqual(60);
  expect(left).toBeLessThanOrEqual(65);
});

test('a quiet hour does not save up for more than the burst', () => {
  const { clock, budget } = budgetOf({ perMinute: 60, perDay: null });
  spendAll(budget);
  clock.advance(60 * MINUTE);

  expect(spendAll(budget)).toBe(5);
});

test('whoever would wait too long is told when to come back', () => {
  const { budget } = budgetOf({ perMinute: 60, perDay: null });
  spendAll(budget);

  expect(budget.reserve(3_000)).toBe(1_000);
  expect(budget.reserve(500)).toEqual({ by: 'bridge', reason: 'ceiling', retryAfterMs: 2_000 });
});

test('a 429 halves the pace, rests a minute, and doubles the rest when it comes again', () => {
  const { clock, budget } = budgetOf({ perMinute: 60, perDay: null });

  expect(budget.slowDown(undefined)).toBe(60);
  expect(budget.view()).toMatchObject({ per_minute: 30, limit_per_minute: 60 });
  expect(budget.reserve(0)).toMatchObject({ by: 'whatsapp', reason: 'whatsapp' });

  clock.advance(MINUTE);
  expect(budget.reserve(0)).toBe(0);
  expect(budget.slowDown(undefined)).toBe(120);
  expect(budget.view().per_minute).toBe(15);
});

test('several refusals of questions that left together count once', () => {
  const { budget } = budgetOf({ perMinute: 60, perDay: null });

  budget.slowDown(undefined);
  budget.slowDown(undefined);

  expect(budget.view().per_minute).toBe(30);
});

test('a rest is never longer than an hour unless WhatsApp says so', () => {
  const { clock, budget } = budgetOf({ perMinute: 60, perDay: null });
  let rest = 0;
  for (let times = 0; times < 12; times++) {
    rest = budget.slowDown(undefined);
    clock.advance(rest * 1_000);
  }
  expect(rest).toBe(3_600);
  expect(budget.slowDown(7_200)).toBe(7_200);
});

test('the pace grows back slowly, and a rest after that begins with a minute again', () => {
  const { clock, budget } = budgetOf({ perMinute: 60, perDay: null });
  budget.slowDown(undefined);
  clock.advance(MINUTE);

  clock.advance(30 * MINUTE);
  expect(budget.view().per_minute).toBe(45);
  clock.advance(40 * MINUTE);
  expect(budget.view().per_minute).toBe(60);
  expect(budget.slowDown(undefined)).toBe(60);
});

test('a restart is no burst and forgets neither rest nor share nor day', () => {
  const { clock, budget } = budgetOf({ perMinute: 60, perDay: 10 });
  spendAll(budget);
  budget.slowDown(undefined);

  const again = budgetOf({ perMinute: 60, perDay: 10 }, clock, budget.state()).budget;
  expect(again.view()).toEqual(budget.view());

  clock.advance(MINUTE);
  const fresh = budgetOf({ perMinute: 60, perDay: null }, clock, again.state()).budget;
  expect(spendAll(fresh)).toBe(1);
});

test('a day has its limit, until midnight in UTC', () => {
  const { clock, budget } = budgetOf(
    { perMinute: 6_000, perDay: 3 },
    createFakeClock(Date.parse('2026-11-22T23:00:00Z')),
  );
  expect(spendAll(budget)).toBe(3);

  expect(budget.reserve(0)).toEqual({ by: 'bridge', reason: 'day', retryAfterMs: 60 * MINUTE });
  clock.advance(60 * MINUTE);
  expect(budget.reserve(0)).toBe(0);
});

test('a careful number has 500 queries a day in its first week, then 5,000, and own figures win under the ceiling', () => {
  const createdAt = new Date('2026-11-22T12:00:00Z');
  const careful = { profile: 'careful', perMinute: null, perDay: null, createdAt } as const;
  const now = createdAt.getTime();

  expect(limitsOf(careful, now, 180)).toEqual({ perMinute: 20, perDay: 500 });
  expect(limitsOf(careful, now + 8 * 24 * 60 * MINUTE, 180)).toEqual({ perMinute: 20, perDay: 5_000 });
  expect(limitsOf({ ...careful, profile: 'normal' }, now, 180)).toEqual({ perMinute: 180, perDay: null });
  expect(limitsOf({ ...careful, perMinute: 500, perDay: 7 }, now, 180)).toEqual({
    perMinute: 180,
    perDay: 7,
  });
});

test('two states of one budget are joined so that no rest and no count is forgotten', () => {
  const { clock, budget } = budgetOf({ perMinute: 60, perDay: null });
  const fresh = budget.state();
  spendAll(budget);
  const used = budget.state();
  budget.slowDown(600);
  const resting = { ...budget.state(), usedToday: 1 };

  for (const joined of [moreCareful(used, resting, clock.now()), moreCareful(resting, used, clock.now())]) {
    expect(joined).toEqual({ ...resting, usedToday: used.usedToday });
  }
  const tomorrow = { ...fresh, day: '2026-11-23', usedToday: 2 };
  expect(moreCareful(resting, tomorrow, clock.now())).toEqual({
    ...resting,
    day: '2026-11-23',
    usedToday: 2,
  });
});
