import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/eventually.js';
import { type TestBridge, type World, createWorld } from './support/world.js';

const account = '5511900000001';
let world: World;
let bridge: TestBridge;
let phones = 5_562_999_300_000;
const nextPhone = () => String(++phones);

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge({
    BRIDGE_LOOKUP_DEADLINE_MS: '1500',
    BRIDGE_THROTTLED_RETRY_AFTER_SECONDS: '1',
  });
  await world.pair(bridge, 'demo', account);
});
beforeEach(() => world.fake.clearRequests());
afterEach(() => {
  world.fake.setBehaviour({ usync: 'with_lid', usync_backoff_seconds: 0 });
});
afterAll(() => world.close());

const pictures = () => world.fake.requests().filter(({ kind }) => kind === 'picture');

test('a person whom WhatsApp names by LID only, with the number beside it, is there', async () => {
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'set', usync: 'by_lid', lid: '71000000000001@lid' });

  const { body } = await bridge.api.picture('demo', phone);

  expect(body).toMatchObject({ status: 'found', jid: `${phone}@s.whatsapp.net` });
});

test.each(['none', 'missing', 'error'] as const)(
  'nobody is called absent when usync says "%s" about the number',
  async (usync) => {
    const phone = nextPhone();
    world.fake.setContact(phone, { picture: 'set', usync });

    const { status, body } = await bridge.api.picture('demo', phone);

    expect({ status, body }).toMatchObject({
      status: 504,
      body: { status: 'no_answer', reason: 'contact_not_resolved' },
    });
  },
);

test('nobody is called absent while one form of the number was not answered', async () => {
  const phone = nextPhone();
  const short = `${phone.slice(0, 4)}${phone.slice(5)}`;
  world.fake.setContact(phone, { picture: 'not_on_whatsapp' });
  world.fake.setContact(short, { picture: 'not_on_whatsapp', usync: 'missing' });

  expect((await bridge.api.picture('demo', phone)).body.status).toBe('no_answer');

  world.fake.setContact(short, { usync: 'plain' });
  expect((await bridge.api.picture('demo', phone)).body.status).toBe('not_on_whatsapp');
});

test('a 429 inside of a usync result is a throttle, and its backoff is kept', async () => {
  const other = await world.bridge();
  await world.pair(other, 'backoff', '5511900000002');
  world.fake.setBehaviour({ usync: 'throttled', usync_backoff_seconds: 77 });

  const { status, headers, body } = await other.api.picture('backoff', nextPhone());

  expect({ status, retryAfter: headers.get('retry-after'), body }).toMatchObject({
    status: 429,
    retryAfter: '77',
    body: { status: 'throttled', by: 'whatsapp' },
  });
  await other.stop();
});

test('a 429 about the one person that was asked for is a throttle too', async () => {
  const other = await world.bridge({ BRIDGE_THROTTLED_RETRY_AFTER_SECONDS: '5' });
  await world.pair(other, 'throttled-person', '5511900000003');
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'set', usync: 'throttled' });

  const { status, headers } = await other.api.picture('throttled-person', phone);

  expect([status, headers.get('retry-after')]).toEqual([429, '30']);
  await other.stop();
});

test('423 means what 429 means', async () => {
  const other = await world.bridge();
  await world.pair(other, 'locked', '5511900000004');
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'locked' });

  expect((await other.api.picture('locked', phone)).status).toBe(429);
  await other.stop();
});

test('hidden says whether a privacy token was shown, and a token that arrives opens the picture', async () => {
  const phone = nextPhone();
  const lid = '72000000000001@lid';
  world.fake.setContact(phone, { picture: 'guarded', lid });

  expect((await bridge.api.picture('demo', phone)).body).toMatchObject({ status: 'hidden', token: false });

  world.fake.sendPrivacyToken({ to_instance: account, from: phone, sender_lid: lid });
  await eventually(async () => (await bridge.api.picture('demo', phone)).body.status === 'found');

  world.fake.setContact(phone, { picture: 'hidden' });
  expect((await bridge.api.picture('demo', phone)).body).toMatchObject({ status: 'hidden', token: true });
});

test('a token that came under the number is found although the LID is known', async () => {
  const phone = nextPhone();
  world.fake.setBehaviour({ usync: 'without_lid' });
  world.fake.sendPrivacyToken({ to_instance: account, from: phone });
  // Baileys acknowledges after it has stored the token, under the number because it finds no LID.
  await eventually(() => world.fake.acknowledgements().some(({ from }) => from.startsWith(phone)));
  world.fake.setBehaviour({ usync: 'with_lid' });
  world.fake.setContact(phone, { picture: 'guarded' });

  await eventually(async () => (await bridge.api.picture('demo', phone)).body.status === 'found');
});

test('tokens that came with the history are kept', async () => {
  const phone = nextPhone();
  const lid = '73000000000001@lid';
  world.fake.setContact(phone, { picture: 'guarded', lid });

  await world.fake.sendHistory(account, [{ jid: lid, token_at: Math.floor(Date.now() / 1_000) }]);

  await eventually(async () => (await bridge.api.picture('demo', phone)).body.status === 'found');
});

test('a query with a token that stays unanswered is asked once without it', async () => {
  const phone = nextPhone();
  const lid = '74000000000001@lid';
  world.fake.setContact(phone, { picture: 'guarded', lid });
  world.fake.sendPrivacyToken({ to_instance: account, from: phone, sender_lid: lid });
  await eventually(async () => (await bridge.api.picture('demo', phone)).body.status === 'found');
  world.fake.setContact(phone, { picture: 'silent_with_token' });
  world.fake.clearRequests();

  const { body } = await bridge.api.picture('demo', phone);

  expect(body).toMatchObject({ status: 'found', queries: 2 });
  expect(pictures().map(({ token }) => token ?? false)).toEqual([true, false]);
});

test('a photo whose id is known costs no link', async () => {
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'set', lid: '71000000000013@lid' });
  const { picture_id } = (await bridge.api.picture('demo', phone)).body;

  const same = await bridge.api.picture('demo', phone, `&known_id=${String(picture_id)}`);
  expect(same.body).toEqual({
    status: 'unchanged',
    picture_id,
    jid: `${phone}@s.whatsapp.net`,
    lid: '71000000000013@lid',
    queries: 1,
  });
  expect(pictures().at(-1)).toMatchObject({ known_id: picture_id, answer: '304' });

  world.fake.changePicture(phone);
  const changed = await bridge.api.picture('demo', phone, `&known_id=${String(picture_id)}`);
  expect(changed.body).toMatchObject({ status: 'found' });
});

test('an empty answer is no answer, but means "unchanged" when the query named the id', async () => {
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'empty' });

  expect((await bridge.api.picture('demo', phone)).body).toMatchObject({ status: 'no_answer' });
  expect((await bridge.api.picture('demo', phone, '&known_id=1500000001')).body).toMatchObject({
    status: 'unchanged',
    picture_id: '1500000001',
  });
});

test('a picture that comes inside of the answer is handed on', async () => {
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'inline' });

  const { body } = await bridge.api.picture('demo', phone);

  expect(body).toMatchObject({ status: 'found', url: null, expires_at: null });
  const { content_type, base64 } = body.image as { content_type: string; base64: string };
  expect(content_type).toBe('image/jpeg');
  expect(Buffer.from(base64, 'base64')).toEqual(world.fake.image(phone, 'image')?.bytes);
});

test('the group that we share with the contact is named once it is known', async () => {
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'set' });
  await world.fake.sendMessage({
    to_instance: account,
    from: phone,
    group: '120363000000000001@g.us',
    text: 'oi',
  });
  // The message to the group is handled before anything that is sent after it.
  await eventually(() => world.fake.acknowledgements().some(({ from }) => from.endsWith('@g.us')));

  await bridge.api.picture('demo', phone);

  expect(pictures().at(-1)).toMatchObject({ common_gid: '120363000000000001@g.us' });
});

test('answers tell how many queries they cost', async () => {
  const phone = nextPhone();
  world.fake.setContact(phone, { picture: 'set' });

  expect((await bridge.api.picture('demo', phone)).body.queries).toBe(2);
  expect((await bridge.api.picture('demo', phone)).body.queries).toBe(1);
});
