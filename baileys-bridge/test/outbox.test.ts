import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate } from '../src/database/migrate.js';
import { retrySeconds } from '../src/events/delivery.js';
import { type Outbox, createOutbox } from '../src/events/outbox.js';
import { type TestDatabase, createTestDatabase } from './support/database.js';

let database: TestDatabase;
let outbox: Outbox;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool);
  outbox = createOutbox(database.pool);
});
beforeEach(() => database.pool.query('TRUNCATE bridge.outbox'));
afterAll(() => database.drop());

test('an entry is claimed by one process at a time, and comes back when that process dies', async () => {
  await outbox.add(['{"n":1}']);

  const [claimed] = await outbox.claim(10);
  expect(claimed).toMatchObject({ body: '{"n":1}', attempts: 1 });
  expect(await outbox.claim(10)).toEqual([]);

  await database.pool.query("UPDATE bridge.outbox SET due_at = due_at - interval '31 seconds'");
  expect(await outbox.claim(10)).toMatchObject([{ eventId: claimed?.eventId, attempts: 2 }]);
});

test('beyond its bound the oldest entries go', async () => {
  await outbox.add(Array.from({ length: 10 }, (_, index) => String(index)));

  expect(await outbox.trim(4)).toBe(6);

  expect((await outbox.claim(10)).map(({ body }) => body).sort()).toEqual(['6', '7', '8', '9']);
  expect(await outbox.trim(4)).toBe(0);
});

test('the wait between attempts doubles up to a minute, all of it by chance', () => {
  expect([1, 2, 3, 6, 100].map((failures) => retrySeconds(failures, 1))).toEqual([2, 4, 8, 60, 60]);
  expect(retrySeconds(5, 0)).toBe(0);
});
