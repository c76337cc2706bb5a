import { createHash } from 'node:crypto';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../src/database/migrate.js';
import { eventually } from './support/eventually.js';
import { createFakeClock } from './support/fake-clock.js';
import { createLiveInstance } from './support/live-instance.js';
import { type World, createWorld } from './support/world.js';

let world: World;
let proxy: Server;
let refusal = 401;

beforeAll(async () => {
  world = await createWorld();
  proxy = createServer();
  proxy.on('upgrade', (_request, socket) => {
    socket.end(`HTTP/1.1 ${refusal} Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await world.close();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

test.each([401, 403])('a proxy in between that answers %d costs no session', async (status) => {
  refusal = status;
  const id = `behind-proxy-${status}`;
  const direct = await world.bridge();
  await world.pair(direct, id, `5511900000${status}`);
  await direct.stop();
  const { port } = proxy.address() as AddressInfo;

  const behind = await world.bridge({ WHATSAPP_WEB_SOCKET_URL: `ws://127.0.0.1:${port}/ws/chat` });
  await eventually(
    async () => (await behind.api.get(`/instances/${id}`)).body.reason === `transport_${status}`,
  );
  expect((await behind.api.get(`/instances/${id}`)).body.state).toBe('connecting');
  await behind.stop();

  const again = await world.bridge();
  await again.api.untilState(id, 'open');
  await again.stop();
});

test('a server that accepts the connection and then says nothing is given up, and tried again', async () => {
  const silent = createServer();
  silent.on('upgrade', (request, socket) => {
    const key = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.on('error', () => undefined);
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`,
    );
    attempts.push(socket);
  });
  const attempts: Duplex[] = [];
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  await migrate(world.database.pool);
  const clock = createFakeClock();
  const url = `ws://127.0.0.1:${(silent.address() as AddressInfo).port}/ws/chat`;
  const { instance, reconnects } = await createLiveInstance(world, 'unheard', clock, () => 0.5, url);
  instance.connect();
  await eventually(() => attempts.length === 1);

  clock.advance(45_000);
  expect(reconnects).toEqual(['transport_408']);
  expect(instance.status()).toMatchObject({ state: 'connecting', reason: 'transport_408' });
  clock.advance(1_000);

  await eventually(() => attempts.length === 2);
  await instance.stop();
  silent.closeAllConnections();
  attempts.forEach((socket) => socket.destroy());
  await new Promise((resolve) => silent.close(resolve));
});
