import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestBridge, type World, createWorld } from './support/world.js';
import { eventually } from './support/eventually.js';

let world: World;
let bridge: TestBridge;

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge({ BRIDGE_LOOKUP_DEADLINE_MS: '600' });
  await world.pair(bridge, 'demo', '5511900000001');
});
afterAll(() => world.close());

test('a picture is answered with its url, id, canonical jid and expiry', async () => {
  world.fake.setContact('5562999212484', { picture: 'set', lid: '98765432101234@lid' });

  const { status, body } = await bridge.api.picture('demo', '5562999212484');

  expect(status).toBe(200);
  expect(body).toEqual({
    status: 'found',
    url: expect.stringContaining(`${world.fake.httpUrl}/v/t61.24694-24/`) as string,
    picture_id: expect.stringMatching(/^\d+$/) as string,
    jid: '5562999212484@s.whatsapp.net',
    lid: '98765432101234@lid',
    expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    queries: 2,
  });
  const image = await fetch(body.url as string);
  expect(Buffer.from(await image.arrayBuffer())).toEqual(world.fake.image('5562999212484', 'image')?.bytes);
});

test('the id changes with the picture', async () => {
  world.fake.setContact('5562999212400', { picture: 'set' });
  const before = (await bridge.api.picture('demo', '5562999212400')).body.picture_id;

  const { picture_id: after } = world.fake.changePicture('5562999212400');

  expect((await bridge.api.picture('demo', '5562999212400')).body.picture_id).toBe(after);
  expect(after).not.toBe(before);
});

test('type=preview asks for the small picture', async () => {
  world.fake.setContact('5562999212401', { picture: 'set' });

  const { body } = await bridge.api.picture('demo', '5562999212401', '&type=preview');

  const image = await fetch(body.url as string);
  expect(Buffer.from(await image.arrayBuffer())).toEqual(world.fake.image('5562999212401', 'preview')?.bytes);
});

const lid = '98765432101235@lid';

test.each([
  ['none', 200, { status: 'not_set', jid: '5562999212490@s.whatsapp.net', lid, queries: 2 }],
  ['hidden', 200, { status: 'hidden', jid: '5562999212490@s.whatsapp.net', lid, token: false, queries: 2 }],
  ['not_on_whatsapp', 200, { status: 'not_on_whatsapp', queries: 1 }],
  ['empty', 504, { status: 'no_answer', reason: 'answer_without_picture', queries: 2 }],
  ['server_error', 504, { status: 'no_answer', reason: 'whatsapp_500', queries: 2 }],
  [
    'silent',
    504,
    { status: 'no_answer', reason: expect.stringMatching(/deadline|timed_out/) as string, queries: 2 },
  ],
  [
    'bad_request',
    400,
    {
      status: 'bad_request',
      errors: [{ field: 'phone', message: expect.any(String) as string }],
      queries: 2,
    },
  ],
] as const)('a contact whose picture is "%s" is answered %d', async (picture, status, body) => {
  world.fake.setContact('5562999212490', { picture, lid });
  await world.database.pool.query('DELETE FROM bridge.contacts');

  const answer = await bridge.api.picture('demo', '5562999212490');

  expect({ status: answer.status, body: answer.body }).toEqual({ status, body });
});

test('a number that left WhatsApp after it was remembered is not on WhatsApp, rather than without a picture', async () => {
  world.fake.setContact('5562999212491', { picture: 'set' });
  expect((await bridge.api.picture('demo', '5562999212491')).body.status).toBe('found');

  world.fake.setContact('5562999212491', { picture: 'not_on_whatsapp' });

  expect((await bridge.api.picture('demo', '5562999212491')).body).toEqual({
    status: 'not_on_whatsapp',
    queries: 2,
  });
});

test('a hidden query that is never answered ends with the deadline too', async () => {
  world.fake.setBehaviour({ usync: 'silent' });
  try {
    const { status, body } = await bridge.api.picture('demo', '5562999212492');
    expect({ status, body }).toEqual({
      status: 504,
      body: {
        status: 'no_answer',
        reason: expect.stringMatching(/deadline|contact_not_resolved/) as string,
        queries: 1,
      },
    });
  } finally {
    world.fake.setBehaviour({ usync: 'with_lid' });
  }
});

test('a connection that drops during the question is "disconnected", not "no answer"', async () => {
  const other = await world.bridge({ BRIDGE_LOOKUP_DEADLINE_MS: '60000' });
  await world.pair(other, 'dropped', '5511900000002');
  world.fake.setContact('5562999212493', { picture: 'silent' });
  world.fake.clearRequests();
  const asking = other.api.picture('dropped', '5562999212493');
  await eventually(() => world.fake.requests().some((request) => request.kind === 'picture'));

  world.fake.closeSessions('5511900000002', 'drop');

  const { status, body } = await asking;
  expect({ status, state: body.status }).toEqual({ status: 503, state: 'disconnected' });
  await other.stop();
});

test('an instance that the phone logged out says so', async () => {
  const other = await world.bridge();
  await world.pair(other, 'gone', '5511900000003');

  world.fake.closeSessions('5511900000003', 'logged_out');
  await other.api.untilState('gone', 'logged_out');

  const { status, body } = await other.api.picture('gone', '5562999212484');
  expect({ status, body }).toEqual({
    status: 503,
    body: { status: 'disconnected', state: 'logged_out', queries: 0 },
  });
  await other.stop();
});

test('an instance that nobody created is unknown', async () => {
  const { status, body } = await bridge.api.picture('nobody', '5562999212484');

  expect({ status, body }).toEqual({ status: 404, body: { status: 'unknown_instance' } });
});

test('429 from WhatsApp is passed on, and the number then rests for as long as Retry-After says', async () => {
  const other = await world.bridge({ BRIDGE_THROTTLED_RETRY_AFTER_SECONDS: '45' });
  await world.pair(other, 'tired', '5511900000004');
  world.fake.setContact('5562999212494', { picture: 'throttled' });

  const first = await other.api.picture('tired', '5562999212494');
  expect({ status: first.status, body: first.body }).toEqual({
    status: 429,
    body: { status: 'throttled', by: 'whatsapp', reason: 'whatsapp', queries: 2 },
  });
  expect(first.headers.get('retry-after')).toBe('45');

  world.fake.clearRequests();
  const second = await other.api.picture('tired', '5562999212484');
  expect(second.status).toBe(429);
  expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(world.fake.requests()).toEqual([]);
  await other.stop();
});

test.each([
  ['phone=abc', 'phone'],
  ['phone=123', 'phone'],
  ['', 'phone'],
  ['phone=5562999212484&jid=5562999212484@s.whatsapp.net', 'phone'],
  ['jid=120363000000000001@g.us', 'jid'],
  ['jid=status@broadcast', 'jid'],
  ['phone=5562999212484&type=huge', 'type'],
])('"%s" is a bad request that names %s', async (query, field) => {
  const { status, body } = await bridge.api.get(`/instances/demo/profile-picture?${query}`);

  expect(status).toBe(400);
  expect(body.errors).toEqual([expect.objectContaining({ field })]);
});
