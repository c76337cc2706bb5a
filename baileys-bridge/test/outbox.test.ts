import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { migrate } from '../src/database/migrate.js';
import { retrySeconds } from '../src/events/delivery.js';
import { noEvents } from '../src/events/events.js';
import { type Outbox, createOutbox } from '../src/events/outbox.js';
import { postgresContacts } from '../lookups/postgres-contacts.js';
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

test('what the receiver did not take for too long goes, the newer stays', async () => {
  await outbox.add(['{"n":1}', '{"n":2}', '{"n":3}']);
  await database.pool.query(
    `UPDATE bridge.outbox SET created_at = now() - interval '31 days' WHERE body <> '{"n":3}'`,
  );

  expect(await outbox.expire(30)).toBe(2);

  expect(await outbox.length()).toBe(1);
  expect(await outbox.expire(30)).toBe(0);
});

test('without a receiver what is there from before can be erased, and grows old', async () => {
  const jid = '5562999212484@s.whatsapp.net';
  await outbox.add([
    JSON.stringify({ event: 'contacts.update', instance_id: 'demo', data: [{ jid }] }),
    JSON.stringify({ event: 'contacts.update', instance_id: 'demo', data: [{ jid: '1@s.whatsapp.net' }] }),
  ]);
  const events = noEvents(database.pool, 30);

  await events.erase([jid], []);
  expect(await events.outboxLength()).toBe(1);

  await database.pool.query("UPDATE bridge.outbox SET created_at = now() - interval '31 days'");
  await events.trim();
  expect(await events.outboxLength()).toBe(0);
});

test('a contact goes when WhatsApp has not named it again for the days that are set', async () => {
  const contacts = postgresContacts(database.pool, 7);
  for (const phone of ['5562999212484', '5562999212485']) {
    await contacts.remember(phone, { jid: `${phone}@s.whatsapp.net`, lid: null });
  }
  await database.pool.query(
    "UPDATE bridge.contacts SET resolved_at = now() - interval '8 days' WHERE phone = '5562999212484'",
  );

  await postgresContacts(database.pool, 9).expire();
  expect(await contacts.recall('5562999212484')).toBeDefined();
  await contacts.expire();

  expect(await contacts.recall('5562999212484')).toBeUndefined();
  expect(await contacts.recall('5562999212485')).toBeDefined();
});

test('the wait between attempts doubles up to a minute, all of it by chance', () => {
  expect([1, 2, 3, 6, 100].map((failures) => retrySeconds(failures, 1))).toEqual([2, 4, 8, 60, 60]);
  expect(retrySeconds(5, 0)).toBe(0);
});

test('a body that Postgres cannot read as jsonb keeps nobody from being erased', async () => {
  const event = (jid: string, push_name: string, instance_id = 'demo') =>
    JSON.stringify({ event: 'messages.upsert', instance_id, data: [{ jid, lid: null, push_name }] });
  const person = '5562999410101@s.whatsapp.net';
  const other = event('5562999410102@s.whatsapp.net', `Ev\0il \ud800, who knows ${person}`);
  const elsewhere = event(person, 'Ev\0il', 'elsewhere');
  await outbox.add([other, event(person, 'Ev\0il'), event(person, 'Eva'), elsewhere, `torn ${person}`]);
  const left = async () =>
    (await database.pool.query<{ body: string }>('SELECT body FROM bridge.outbox ORDER BY id')).rows.map(
      ({ body }) => body,
    );

  await outbox.erase([person], ['demo']);
  expect(await left()).toEqual([other, elsewhere]);

  await outbox.erase([person], []);
  expect(await left()).toEqual([other]);
});
