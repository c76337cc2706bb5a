import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/eventually.js';
import { type TestReceiver, createReceiver } from './support/receiver.js';
import { type TestBridge, type World, createWorld } from './support/world.js';

const account = '5511900000001';
let world: World;
let bridge: TestBridge;
let receiver: TestReceiver;

const settings = (): Record<string, string> => ({
  RECEIVER_URL: receiver.url,
  BRIDGE_WEBHOOK_SECRET: `whsec_${receiver.secret.toString('base64')}`,
});
const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`resources/baileys.${name}.json`, import.meta.url), 'utf8')) as {
    event: string;
    data: object[];
  };
const outboxLength = async () => (await world.database.pool.query('SELECT FROM bridge.outbox')).rowCount;

beforeAll(async () => {
  world = await createWorld();
  receiver = await createReceiver();
  bridge = await world.bridge(settings());
  await world.pair(bridge, 'usuario_1', account);
  await eventually(
    () => receiver.received.filter(({ body }) => body.event === 'connection.update').length === 2,
  );
});
beforeEach(() => {
  receiver.answer = () => ({ status: 202 });
  receiver.received.length = 0;
});
afterAll(async () => {
  await world.close();
  await receiver.goAway();
});

test.each([
  ['changed', 'pn'],
  ['removed', 'pn'],
  ['changed', 'lid'],
  ['removed', 'lid'],
  ['changed', 'child'],
  ['removed', 'child'],
  ['changed', 'hash'],
  ['removed', 'hash'],
] as const)('a picture that was %s is told, when WhatsApp names the %s', async (picture, from) => {
  world.fake.setContact('556299212484', { picture: 'set', lid: '98765432101234@lid' });
  // The bridge must know the contact already: WhatsApp does not say to whom a LID belongs.
  await bridge.api.picture('usuario_1', '5562999212484');

  const change =
    picture === 'changed'
      ? world.fake.changePicture('556299212484', from)
      : world.fake.removePicture('556299212484', from);

  const event = await eventually(() => receiver.received[0]);
  expect(event.path).toBe('/webhooks/baileys');
  expect(event.body).toEqual({
    event: 'contacts.update',
    instance_id: 'usuario_1',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    data: [
      {
        jid: '556299212484@s.whatsapp.net',
        lid: '98765432101234@lid',
        picture,
        picture_id: picture === 'changed' ? (change.picture_id as string) : null,
        cause: 'picture',
      },
    ],
  });
  const { event: name, data } = sample('contacts-update');
  expect([event.body.event, Object.keys(event.body.data[0] ?? {}).sort()]).toEqual([
    name,
    Object.keys(data[0] ?? {}).sort(),
  ]);
});

test('a request for a photo and an avatar are no removals', async () => {
  world.fake.setContact('556299212486', { picture: 'set' });

  world.fake.notify('556299212486', 'request');
  world.fake.notify('556299212486', 'set_avatar');
  world.fake.changePicture('556299212487');

  await eventually(() => receiver.received.some(({ text }) => text.includes('556299212487')));
  expect(receiver.received.filter(({ text }) => text.includes('556299212486'))).toEqual([]);
});

test('a hash that nobody is known by is told to nobody', async () => {
  world.fake.changePicture('556299212488', 'hash');
  world.fake.changePicture('556299212489');

  await eventually(() => receiver.received.some(({ text }) => text.includes('556299212489')));
  expect(receiver.received).toHaveLength(1);
});

test('an update of the contact is worth a look at the photo', async () => {
  world.fake.notify('556299212480', 'contact_update');

  const event = await eventually(() => receiver.received[0]);
  expect(event.body.data[0]).toMatchObject({
    jid: '556299212480@s.whatsapp.net',
    picture: 'changed',
    picture_id: null,
    cause: 'contact',
  });
});

test('a privacy token that arrives is told, so that a hidden photo is looked at again', async () => {
  world.fake.sendPrivacyToken({
    to_instance: account,
    from: '556299212481',
    sender_lid: '11122233344466@lid',
  });

  const event = await eventually(() => receiver.received[0]);
  expect(event.body.data[0]).toMatchObject({
    lid: '11122233344466@lid',
    picture: 'changed',
    cause: 'privacy_token',
  });
});

test('operators are told what becomes of a number', async () => {
  await world.pair(bridge, 'watched', '5511900000009');
  world.fake.closeSessions('5511900000009', 'logged_out');

  const states = () =>
    receiver.received
      .filter(({ body }) => body.event === 'connection.update' && body.instance_id === 'watched')
      .map(({ body }) => body.data[0]?.state);
  await eventually(() => states().includes('logged_out'));
  // Deliveries run in parallel.
  expect(states().sort()).toEqual(['logged_out', 'open', 'qr']);
  expect(receiver.received.every((event) => receiver.isSigned(event))).toBe(true);
});

test('somebody who writes is told with jid, lid, name and id, and without what they wrote', async () => {
  const { message_id } = await world.fake.sendMessage({
    to_instance: account,
    from: '556299212485',
    sender_lid: '11122233344455@lid',
    push_name: 'Maria',
    text: 'a secret between two people',
  });

  const event = await eventually(() => receiver.received[0]);
  expect(event.body).toMatchObject({
    event: 'messages.upsert',
    instance_id: 'usuario_1',
    data: [
      {
        jid: '556299212485@s.whatsapp.net',
        lid: '11122233344455@lid',
        from_me: false,
        push_name: 'Maria',
        message_id,
      },
    ],
  });
  expect(event.text).not.toContain('secret');
  const { data } = sample('messages-upsert');
  expect(Object.keys(event.body.data[0] ?? {}).sort()).toEqual(Object.keys(data[0] ?? {}).sort());
});

test('events are signed as Standard Webhooks', async () => {
  world.fake.changePicture('556299212484');

  const event = await eventually(() => receiver.received[0]);

  expect(receiver.isSigned(event)).toBe(true);
  expect(event.headers['webhook-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(receiver.isSigned({ ...event, text: `${event.text} ` })).toBe(false);
});

test('an event that fails is sent again under the same id', async () => {
  const ids: unknown[] = [];
  receiver.answer = ({ headers }) => {
    ids.push(headers['webhook-id']);
    return { status: ids.length < 3 ? 503 : 202 };
  };

  world.fake.changePicture('556299212484');

  await eventually(() => receiver.received.length === 1);
  expect(ids).toHaveLength(3);
  expect(new Set(ids).size).toBe(1);
  await eventually(async () => (await outboxLength()) === 0);
});

test('an event that the receiver calls invalid is dropped and counted, not sent for ever', async () => {
  receiver.answer = () => ({ status: 422 });

  world.fake.changePicture('556299212484');

  await eventually(async () =>
    (await bridge.api.get('/metrics')).text.includes('deliveries_total{result="refused"} 1'),
  );
  expect(await outboxLength()).toBe(0);
});

test('a receiver that is away loses nothing, even when the bridge restarts meanwhile', async () => {
  const contacts = Array.from({ length: 30 }, (_, index) => `5562988${String(index).padStart(6, '0')}`);
  await receiver.goAway();
  for (const contact of contacts) world.fake.changePicture(contact);
  await eventually(async () => (await outboxLength()) === contacts.length);
  await bridge.stop();

  bridge = await world.bridge(settings());
  await receiver.comeBack();

  await eventually(async () => (await outboxLength()) === 0, 60_000);
  const changes = receiver.received.filter(({ body }) => body.event === 'contacts.update');
  const told = new Set(changes.map(({ body }) => body.data[0]?.jid));
  expect(told).toEqual(new Set(contacts.map((contact) => `${contact}@s.whatsapp.net`)));
}, 120_000);

test('one contact that writes a lot is told once per interval', async () => {
  const quiet = await world.bridge({ ...settings(), BRIDGE_INBOUND_EVENT_SECONDS: '600' });
  await world.pair(quiet, 'quiet', '5511900000002');
  const write = (from: string) =>
    world.fake.sendMessage({ to_instance: '5511900000002', from, text: 'oi', push_name: 'Ana' });

  await write('5562999210001');
  await write('5562999210001');
  await write('5562999210002');

  const jids = () => receiver.received.map(({ body }) => body.data[0]?.jid);
  await eventually(() => jids().includes('5562999210002@s.whatsapp.net'));
  expect(jids().filter((jid) => jid === '5562999210001@s.whatsapp.net')).toHaveLength(1);
  await quiet.stop();
});
