import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestBridge, type World, createWorld } from './support/world.js';

const lid = '98765432107001@lid';
const phone = '5562999217001';
let world: World;
let bridge: TestBridge;

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge();
  await world.pair(bridge, 'demo', '5511900000001');
});
afterAll(() => world.close());

const whose = async (asked: string, instance = 'demo') => {
  const { status, body } = await bridge.api.get(`/instances/${instance}/lids/${asked}`);
  return { status, body };
};

test('a LID that nothing has shown is unknown, and WhatsApp is not asked', async () => {
  world.fake.clearRequests();

  expect(await whose(lid)).toEqual({ status: 200, body: { status: 'unknown', lid, jid: null, queries: 0 } });
  expect(world.fake.requests()).toEqual([]);
});

test.each([lid, lid.replace('@lid', ''), lid.replace('@', '%40')])(
  'whose LID it is, is known from a lookup of the phone, asked as %s',
  async (asked) => {
    world.fake.setContact(phone, { picture: 'none', lid });
    await bridge.api.picture('demo', phone);

    expect(await whose(asked)).toEqual({
      status: 200,
      body: { status: 'known', lid, jid: `${phone}@s.whatsapp.net`, queries: 0 },
    });
  },
);

test('whose LID it is, is known from somebody who wrote', async () => {
  const writer = '98765432107002@lid';
  await world.fake.sendMessage({
    to_instance: '5511900000001',
    from: '5562999217002',
    sender_lid: writer,
    text: 'oi',
  });

  await expect
    .poll(() => whose(writer), { timeout: 10_000 })
    .toMatchObject({ body: { status: 'known', jid: '5562999217002@s.whatsapp.net' } });
});

test.each(['5562999217001@s.whatsapp.net', '120363@g.us', 'abc', '12'])('%s is no LID', async (asked) => {
  expect(await whose(asked)).toMatchObject({ status: 400, body: { errors: [{ field: 'lid' }] } });
});

test('a number that nobody created is unknown, and one that is not connected says so', async () => {
  await bridge.api.post('/instances/unpaired');

  expect(await whose(lid, 'nobody')).toMatchObject({ status: 404, body: { status: 'unknown_instance' } });
  expect(await whose('98765432107009', 'unpaired')).toMatchObject({
    status: 503,
    body: { status: 'disconnected' },
  });
});
