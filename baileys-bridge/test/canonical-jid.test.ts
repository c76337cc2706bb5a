import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestBridge, type World, createWorld } from './support/world.js';

let world: World;
let bridge: TestBridge;

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge();
  await world.pair(bridge, 'demo', '5511900000001');
});
beforeEach(() => world.fake.clearRequests());
afterAll(() => world.close());

/** Counts requests. The fake logs each user of a `usync` query as one request; a query has both forms of a number. */
const asked = (kind: string) => world.fake.requests().filter((request) => request.kind === kind).length;

test.each([
  ['5562999212484', '556299212484'],
  ['5215512345678', '525512345678'],
  ['541123456789', '5491123456789'],
])('%s, which WhatsApp knows as %s, is found under that number', async (phone, canonical) => {
  world.fake.setContact(canonical, { picture: 'set' });

  const { body } = await bridge.api.picture('demo', phone);

  expect(body).toMatchObject({ status: 'found', jid: `${canonical}@s.whatsapp.net` });
});

test('WhatsApp is asked once who a phone is, also by another process later', async () => {
  world.fake.setContact('556299212001', { picture: 'set' });

  await bridge.api.picture('demo', '5562999212001');
  expect([asked('usync'), asked('picture')]).toEqual([2, 1]);

  await bridge.api.picture('demo', '5562999212001');
  expect([asked('usync'), asked('picture')]).toEqual([2, 2]);

  await bridge.stop();
  bridge = await world.bridge();
  await bridge.api.untilState('demo', 'open');
  world.fake.clearRequests();
  const { body } = await bridge.api.picture('demo', '5562999212001');
  expect([asked('usync'), asked('picture')]).toEqual([0, 1]);
  expect(body).toMatchObject({ status: 'found', jid: '556299212001@s.whatsapp.net' });
});

test('a jid asks like its phone', async () => {
  world.fake.setContact('556299212002', { picture: 'set' });

  const { body } = await bridge.api.get('/instances/demo/profile-picture?jid=5562999212002:4@s.whatsapp.net');

  expect(body).toMatchObject({ status: 'found', jid: '556299212002@s.whatsapp.net' });
});

test('a LID is asked for as such, and answered with the phone once that is known', async () => {
  world.fake.setContact('5562999212003', { picture: 'set', lid: '98765432101234@lid' });
  const byLid = async () =>
    (await bridge.api.get('/instances/demo/profile-picture?jid=98765432101234@lid')).body;

  expect(await byLid()).toMatchObject({ status: 'found', jid: '98765432101234@lid' });

  await bridge.api.picture('demo', '5562999212003');
  expect(await byLid()).toMatchObject({ status: 'found', jid: '5562999212003@s.whatsapp.net' });
});

test('where WhatsApp tells no LIDs, pictures are found all the same', async () => {
  world.fake.setBehaviour({ usync: 'without_lid' });
  try {
    world.fake.setContact('5562999212004', { picture: 'set' });
    expect((await bridge.api.picture('demo', '5562999212004')).body).toMatchObject({ status: 'found' });
    // Baileys' own lookup would ask for the LID again each time.
    await bridge.api.picture('demo', '5562999212004');
    expect([asked('usync'), asked('picture')]).toEqual([2, 2]);
  } finally {
    world.fake.setBehaviour({ usync: 'with_lid' });
  }
});
