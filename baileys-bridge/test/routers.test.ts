import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../lookups/clock.js';
import { createPictureService, fastifyRouter, memoryContacts } from '../lookups/index.js';
import type { BridgeEvent } from '../src/events/event.js';
import { listen } from '../src/events/listen.js';
import { createRecentWriters } from '../src/events/recent-writers.js';
import type { WASocket } from '../src/whatsapp/socket.js';
import { migrate } from '../src/database/migrate.js';
import { type LiveInstance, createLiveInstance, pairLiveInstance } from './support/live-instance.js';
import { type World, createWorld, token } from './support/world.js';

let world: World;
let live: LiveInstance;
const app = fastify();

beforeAll(async () => {
  world = await createWorld();
  await migrate(world.database.pool);
  live = await createLiveInstance(world, 'routed', systemClock, Math.random);
  await pairLiveInstance(world, live, '5511900000001');
  const service = createPictureService({
    socket: (id) => (id === 'routed' ? live.instance.connection()?.socket : undefined),
    instances: () => ['routed'],
    tokens: [token],
  });
  await app.register(fastifyRouter(service), { prefix: '/whatsapp' });
});
afterAll(async () => {
  await app.close();
  await live.instance.stop();
  await world.close();
});

const headers = { authorization: `Bearer ${token}` };

test("Fastify serves the bridge's contract on somebody's own sockets", async () => {
  world.fake.setContact('5562999410401', { picture: 'set' });

  const list = await app.inject({ url: '/whatsapp/instances', headers });
  expect(list.json()).toEqual({ instances: [{ id: 'routed', state: 'open' }], longest_lookup_ms: 11_000 });

  const url = '/whatsapp/instances/routed/profile-picture?phone=5562999410401';
  expect((await app.inject({ url, headers })).json()).toMatchObject({ status: 'found', queries: 2 });
  expect((await app.inject({ url })).statusCode).toBe(401);

  const ids = { contacts: [{ phone: '5562999410401' }] };
  const post = {
    method: 'POST',
    url: '/whatsapp/instances/routed/picture-ids',
    headers,
    payload: ids,
  } as const;
  expect((await app.inject(post)).json()).toMatchObject({ contacts: [{ picture: 'id' }], queries: 1 });
  const again = await app.inject(post);
  expect([again.statusCode, again.headers['retry-after']]).toEqual([429, '20']);
});

test('whose LID it is, is known once Baileys has told it, and the receiver hears of it', async () => {
  const socket = live.instance.connection()?.socket as WASocket;
  const told: BridgeEvent[] = [];
  listen('routed', socket, {
    clock: systemClock,
    contacts: memoryContacts(),
    writers: createRecentWriters(systemClock, 0),
    emit: (event) => told.push(event),
  });
  const ask = async () => {
    const answer = await app.inject({ url: '/whatsapp/instances/routed/lids/98765432107003', headers });
    return answer.json<{ status: string; jid: string | null }>();
  };
  expect(await ask()).toMatchObject({ status: 'unknown', jid: null });

  socket.ev.emit('lid-mapping.update', {
    lid: '98765432107003:4@lid',
    pn: '5562999217003:4@s.whatsapp.net',
  });

  await expect.poll(ask).toMatchObject({ status: 'known', jid: '5562999217003@s.whatsapp.net' });
  expect(told).toMatchObject([
    {
      event: 'lid-mapping.update',
      instance_id: 'routed',
      data: [{ lid: '98765432107003@lid', jid: '5562999217003@s.whatsapp.net' }],
    },
  ]);
});

test('a service without tokens is not started', () => {
  expect(() => createPictureService({ socket: () => undefined, tokens: [] })).toThrow(/at least one token/);
});
