import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthStore } from '../src/auth-state/auth-store.js';
import { createCipher } from '../src/auth-state/cipher.js';
import { eventually } from './support/eventually.js';
import { type TestReceiver, createReceiver } from './support/receiver.js';
import { type TestBridge, type World, createWorld, encryptionKey } from './support/world.js';

const account = '5511900000001';
const phone = '5562999410101';
const canonical = '556299410101';
const lid = '77000000000001';
const other = '5562999410102';
let world: World;
let bridge: TestBridge;
let receiver: TestReceiver;

beforeAll(async () => {
  world = await createWorld();
  receiver = await createReceiver();
  receiver.answer = ({ body }) => ({ status: body.event === 'connection.update' ? 202 : 503 });
  bridge = await world.bridge({
    RECEIVER_URL: receiver.url,
    BRIDGE_WEBHOOK_SECRET: `whsec_${receiver.secret.toString('base64')}`,
  });
  await world.pair(bridge, 'demo', account);
});
afterAll(async () => {
  await world.close();
  await receiver.goAway();
});

/** Tables with data about people. */
const ofPeople = ['auth_state', 'contacts', 'outbox'];
/** Tables without data about people: our own instances, their limits and budgets, and data about the bridge itself. */
const ofNobody = ['budgets', 'instances', 'schema_migrations', 'whatsapp_version'];

/** Returns every table of the bridge's schema, and its columns with bytes. */
async function allTables(): Promise<{ name: string; bytes: string[] }[]> {
  const { rows } = await world.database.pool.query<{ name: string; bytes: string[] }>(
    `SELECT c.relname AS name, ARRAY(
       SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
       WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'bytea'::regtype) AS bytes
     FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'bridge' AND c.relkind IN ('r', 'p', 'm') ORDER BY 1`,
  );
  return rows;
}

test('every table is known, so that a new one cannot escape an erasure', async () => {
  // Add a new table to one of the two lists. If it has data about people, extend erasePerson and leaveTraces too.
  expect((await allTables()).map(({ name }) => name)).toEqual([...ofPeople, ...ofNobody].sort());
});

/** Returns every row of the bridge's schema whose text or bytes contain one of `texts`. */
async function findInAllTables(texts: readonly string[]): Promise<string[]> {
  const { pool } = world.database;
  const found: string[] = [];
  for (const { name, bytes } of await allTables()) {
    const line = ['t::text', ...bytes.map((column) => `encode(t.${column}, 'escape')`)].join(", ' ', ");
    const { rows } = await pool.query<{ line: string }>(
      `SELECT concat(${line}) AS line FROM bridge.${name} AS t`,
    );
    found.push(
      ...rows
        .filter(({ line }) => texts.some((text) => line.includes(text)))
        .map(({ line }) => `${name}: ${line}`),
    );
  }
  return found;
}

/** Stores all kinds of data about a person: address, LID, token, Signal session, event. */
async function leaveTraces(number: string, theirLid: string): Promise<void> {
  world.fake.setContact(number, { picture: 'set', lid: `${theirLid}@lid` });
  await bridge.api.picture('demo', number);
  world.fake.sendPrivacyToken({ to_instance: account, from: number, sender_lid: `${theirLid}@lid` });
  await world.fake.sendMessage({
    to_instance: account,
    from: number,
    sender_lid: `${theirLid}@lid`,
    text: 'oi',
  });
  world.fake.changePicture(number);
  await eventually(async () => {
    const traces = await findInAllTables([number, theirLid]);
    return ofPeople.every((table) => traces.some((trace) => trace.startsWith(table)));
  });
}

test.each([
  ['phone', `phone=${phone}`],
  ['jid', `jid=${lid}@lid`],
])('whoever is erased by %s is in no table any more, and others stay', async (_by, query) => {
  await leaveTraces(canonical, lid);
  // An old session under the number, from the time before LIDs.
  const lease = { instanceId: 'demo', fence: '1' };
  const store = createAuthStore(world.database.pool, createCipher(Buffer.from(encryptionKey, 'base64')));
  await store.write(lease, { session: { [`${canonical}.0`]: 'x', [`${other}.0`]: 'x' } });
  await leaveTraces(other, '77000000000002');

  expect((await bridge.api.delete(`/contacts?${query}`)).status).toBe(204);

  expect(await findInAllTables([phone, canonical, lid])).toEqual([]);
  const index = (await store.read('demo', 'tctoken', ['__index'])).get('__index') as
    { token: Uint8Array } | undefined;
  expect(Buffer.from(index?.token ?? []).toString()).not.toContain(lid);
  expect((await findInAllTables([other])).length).toBeGreaterThan(2);
  // The other person is still found.
  expect((await bridge.api.picture('demo', other)).body.status).toBe('found');
});

test('a name with a character that Postgres does not know keeps nobody from being erased', async () => {
  await world.fake.sendMessage({
    to_instance: account,
    from: '5562999410103',
    text: 'oi',
    push_name: 'Ev\0il \ud800💡',
  });
  const names = await eventually(async () => {
    const { rows } = await world.database.pool.query<{ name: string }>(
      `SELECT body::jsonb -> 'data' -> 0 ->> 'push_name' AS name FROM bridge.outbox
       WHERE body LIKE '%messages.upsert%5562999410103%'`,
    );
    return rows.length > 0 && rows.map(({ name }) => name);
  });
  // What cannot be stored is taken out; UTF-8 itself replaces half a pair on the way from WhatsApp.
  expect(names[0]?.replace('\ufffd', '')).toBe('Evil 💡');

  expect((await bridge.api.delete('/contacts?phone=5562999410104')).status).toBe(204);
});

test('whoever is erased is not in the memory of the connection either, and others stay', async () => {
  const people = [
    ['5562999410105', '77000000000005@lid'],
    ['5562999410106', '77000000000006@lid'],
  ] as const;
  const whose = async (theirs: string) =>
    (await bridge.api.get(`/instances/demo/lids/${theirs}`)).body.status;
  for (const [number, theirs] of people) {
    world.fake.setContact(number, { picture: 'set' });
    await world.fake.sendMessage({ to_instance: account, from: theirs, sender_pn: number, text: 'oi' });
    await world.fake.sendMessage({
      to_instance: account,
      from: number,
      group: '120363000000000005@g.us',
      text: 'oi',
    });
    await eventually(async () => (await whose(theirs)) === 'known');
    await bridge.api.picture('demo', number);
  }
  const groupsAsked = async (number: string) => {
    world.fake.clearRequests();
    await bridge.api.picture('demo', number, '&type=preview');
    return world.fake
      .requests()
      .filter(({ kind }) => kind === 'picture')
      .map(({ common_gid }) => common_gid);
  };
  const [[gone, goneLid], [stays, staysLid]] = people;
  expect(await groupsAsked(gone)).toEqual(['120363000000000005@g.us']);

  expect((await bridge.api.delete(`/contacts?phone=${gone}`)).status).toBe(204);

  expect(await whose(goneLid)).toBe('unknown');
  expect(await groupsAsked(gone)).toEqual([undefined]);
  expect(await whose(staysLid)).toBe('known');
  expect(await groupsAsked(stays)).toEqual(['120363000000000005@g.us']);
});

test('a number that is not named keeps what it knows of them', async () => {
  const number = '5562999410199';
  const { pool } = world.database;
  await world.pair(bridge, 'elsewhere', '5511900000002');
  const store = createAuthStore(pool, createCipher(Buffer.from(encryptionKey, 'base64')));
  for (const instanceId of ['demo', 'elsewhere']) {
    const { rows } = await pool.query<{ fence: string }>('SELECT fence FROM bridge.instances WHERE id = $1', [
      instanceId,
    ]);
    await store.write({ instanceId, fence: rows[0]?.fence ?? '' }, { session: { [`${number}.0`]: 'x' } });
  }

  const answer = await bridge.api.delete(`/contacts?phone=${number}&instance=demo&instance=another`);

  expect(answer.status).toBe(204);
  const { rows } = await pool.query('SELECT instance_id FROM bridge.auth_state WHERE key_id = $1', [
    `${number}.0`,
  ]);
  expect(rows).toEqual([{ instance_id: 'elsewhere' }]);
});

test('erasing needs a token and a person', async () => {
  expect((await fetch(`${bridge.url}/contacts?phone=${phone}`, { method: 'DELETE' })).status).toBe(401);
  expect((await bridge.api.delete('/contacts')).status).toBe(400);
  expect((await bridge.api.delete('/contacts?jid=120363000000000001@g.us')).status).toBe(400);
  expect((await bridge.api.delete(`/contacts?phone=${phone}&instance=a%20b`)).status).toBe(400);
});
