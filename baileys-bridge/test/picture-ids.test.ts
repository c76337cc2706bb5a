import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/eventually.js';
import { type TestBridge, type World, createWorld } from './support/world.js';

let world: World;
let bridge: TestBridge;

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge({ BRIDGE_THROTTLED_RETRY_AFTER_SECONDS: '1' });
  await world.pair(bridge, 'demo', '5511900000001');
});
beforeEach(() => world.fake.clearRequests());
afterAll(() => world.close());

const ids = (contacts: unknown, instance = 'demo', api = bridge.api) =>
  api.post(`/instances/${instance}/picture-ids`, { contacts });

test('a hundred people cost one query, and each is answered in the order asked', async () => {
  const phones = Array.from({ length: 100 }, (_, index) => `14155${String(700_000 + index)}`);
  world.fake.setContacts(phones.map((phone, index) => ({ phone, picture: index % 2 ? 'set' : 'none' })));

  const { status, body } = await ids(phones.map((phone) => ({ phone })));

  expect(status).toBe(200);
  expect(body.queries).toBe(1);
  const contacts = body.contacts as { asked: { phone: string }; jid: string; picture: string }[];
  expect(contacts.map(({ asked }) => asked.phone)).toEqual(phones);
  expect(contacts.map(({ jid }) => jid)).toEqual(phones.map((phone) => `${phone}@s.whatsapp.net`));
  expect(contacts.map(({ picture }) => picture)).toEqual(
    phones.map((_, index) => (index % 2 ? 'id' : 'none')),
  );
  expect(
    world.fake.requests().every(({ kind, type }) => kind === 'usync' && type === 'contact,lid,picture'),
  ).toBe(true);
});

test.each([
  ['set', 'plain', { exists: 'yes', picture: 'id' }],
  ['set', 'by_lid', { exists: 'yes', picture: 'id' }],
  ['none', 'plain', { exists: 'yes', picture: 'none', picture_id: null }],
  ['hidden', 'plain', { exists: 'yes', picture: 'refused', picture_id: null }],
  ['not_on_whatsapp', 'plain', { exists: 'no', jid: null, picture: 'unknown' }],
  ['set', 'missing', { exists: 'unknown', jid: null, picture: 'unknown' }],
  ['set', 'none', { exists: 'unknown', picture: 'unknown' }],
  ['set', 'error', { exists: 'unknown', picture: 'unknown' }],
] as const)(
  'a contact with picture "%s" whom usync answers "%s" is told so',
  async (picture, usync, expected) => {
    await world.database.pool.query('DELETE FROM bridge.contacts');
    world.fake.setContact('14155710000', { picture, usync, lid: '75000000000001@lid' });

    const { body } = await ids([{ phone: '14155710000' }]);

    expect(body.contacts).toEqual([
      expect.objectContaining({ asked: { phone: '14155710000' }, ...expected }),
    ]);
  },
);

test('the id is the one that a lookup answers, and naming it is answered "unchanged"', async () => {
  world.fake.setContact('5562999410001', { picture: 'set' });
  const { picture_id } = (await bridge.api.picture('demo', '5562999410001')).body;

  const first = await ids([{ phone: '5562999410001' }]);
  expect(first.body.contacts).toEqual([expect.objectContaining({ picture: 'id', picture_id })]);

  const again = await ids([{ phone: '5562999410001', known_id: picture_id }]);
  expect(again.body.contacts).toEqual([expect.objectContaining({ picture: 'unchanged', picture_id })]);
});

test('numbers are asked for in all their forms, and only in the known one later', async () => {
  world.fake.setContact('556299410002', { picture: 'set' });

  const { body } = await ids([{ phone: '5562999410002' }]);
  expect(body.contacts).toEqual([
    expect.objectContaining({ jid: '556299410002@s.whatsapp.net', exists: 'yes', picture: 'id' }),
  ]);
  expect(world.fake.requests()).toHaveLength(2);

  world.fake.clearRequests();
  await ids([{ phone: '5562999410002' }]);
  expect(world.fake.requests()).toHaveLength(1);
});

test('a LID may be asked for', async () => {
  world.fake.setContact('5562999410003', { picture: 'set', lid: '76000000000001@lid' });

  const { body } = await ids([{ jid: '76000000000001@lid' }]);

  expect(body.contacts).toEqual([
    expect.objectContaining({
      asked: { jid: '76000000000001@lid' },
      lid: '76000000000001@lid',
      picture: 'id',
    }),
  ]);
});

test('batches keep their distance, and say so', async () => {
  const other = await world.bridge({ BRIDGE_BATCH_SPACING_SECONDS: '20' });
  await world.pair(other, 'spaced', '5511900000002');
  expect((await ids([{ phone: '14155710001' }], 'spaced', other.api)).status).toBe(200);

  const { status, headers, body } = await ids([{ phone: '14155710002' }], 'spaced', other.api);

  expect({ status, body }).toEqual({
    status: 429,
    body: { status: 'throttled', by: 'bridge', reason: 'spacing', queries: 0 },
  });
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  await other.stop();
});

test('an account that WhatsApp restricts does no work in the background, but answers single lookups', async () => {
  await world.pair(bridge, 'restricted', '5511900000003');
  const until = new Date(Date.now() + 3_600_000).toISOString();
  world.fake.restrict('5511900000003', until);
  const restrictedUntil = async () =>
    (await bridge.api.get('/instances/restricted')).body.restricted_until as string | null;
  await eventually(restrictedUntil);

  expect((await ids([{ phone: '14155710003' }], 'restricted')).body).toMatchObject({
    by: 'bridge',
    reason: 'restricted',
  });
  expect((await bridge.api.picture('restricted', '14155710003')).status).toBe(200);

  world.fake.restrict('5511900000003', null);
  await eventually(async () => (await restrictedUntil()) === null);
  expect((await ids([{ phone: '14155710003' }], 'restricted')).status).toBe(200);
});

test.each([
  [undefined, 'contacts'],
  [[], 'contacts'],
  [Array.from({ length: 101 }, () => ({ phone: '14155710004' })), 'contacts'],
  [[{ phone: '14155710004' }, { phone: 'abc' }], 'contacts.1.phone'],
  [[{ jid: '120363000000000001@g.us' }], 'contacts.0.jid'],
  [[{ phone: '14155710004', known_id: 'x' }], 'contacts.0.known_id'],
  [[null], 'contacts.0.phone'],
])('a list that cannot be understood names what is wrong (%#)', async (contacts, field) => {
  const { status, body } = await ids(contacts);

  expect(status).toBe(400);
  expect(body.errors).toEqual([expect.objectContaining({ field })]);
});
