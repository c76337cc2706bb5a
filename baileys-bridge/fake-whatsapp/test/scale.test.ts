import { afterAll, beforeAll, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import { RequestLog } from '../request-log.js';
import { closeReason, connect, endAll, eventually, opened, unpairedDevice } from './client.js';

let server: FakeWhatsApp;

beforeAll(async () => {
  server = await createFakeWhatsApp({ behaviour: { unknown_devices: 'accept_with_keys' } });
});
afterAll(async () => {
  await endAll();
  await server.close();
});

it('holds a hundred thousand contacts, given in one body', async () => {
  const contacts = Array.from({ length: 100_000 }, (_, i) => ({
    phone: String(5_511_900_000_000 + i),
    picture: i % 2 === 0 ? 'set' : 'hidden',
  }));

  const response = await fetch(`${server.httpUrl}/admin/contacts`, {
    method: 'PUT',
    body: JSON.stringify({ contacts }),
    headers: { 'content-type': 'application/json' },
  });

  expect(await response.json()).toEqual({ contacts: 100_000 });
  expect(server.contact('5511900099999').picture).toBe('hidden');
  expect(server.image('5511900099998')?.bytes.length).toBeGreaterThan(0);
});

it('holds 200 sessions at once, and tells all of them of a new photo', async () => {
  const clients = Array.from({ length: 200 }, (_, i) =>
    connect(server, unpairedDevice(String(5_521_900_000_000 + i)), {
      // Both ends of all connections share this one thread.
      connectTimeoutMs: 60_000,
    }),
  );
  await Promise.all(clients.map((client) => opened(client, 60_000)));

  expect(server.sessions().filter(({ state }) => state === 'open')).toHaveLength(200);
  expect(server.changePicture('5511900000000').notified).toBe(200);
  await eventually(() =>
    clients.every((client) => client.events.some((map) => map['contacts.update'] !== undefined)),
  );
  server.closeSessions('5521900000000', '515');
  expect(await closeReason(clients[0] as (typeof clients)[0])).toBe(515);
}, 90_000);

it('remembers a bounded number of requests, the newest', () => {
  const log = new RequestLog(Date.now, 3);
  for (let i = 1; i <= 10; i++) {
    log.add({ kind: 'cdn', session: null, target: String(i), type: 'image', answer: '200' });
  }

  expect(log.since(0).map(({ seq }) => seq)).toEqual([8, 9, 10]);
  expect(log.since(9).map(({ target }) => target)).toEqual(['10']);
});
