import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from './support/eventually.js';
import { type HttpProxy, createHttpProxy } from './support/http-proxy.js';
import { createSocksServer } from './support/socks-server.js';
import { type TestBridge, type World, createWorld } from './support/world.js';

let world: World;
let bridge: TestBridge;
const servers: Server[] = [];
const proxies: HttpProxy[] = [];

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge();
  await world.pair(bridge, 'demo', '5511900000001');
});
afterAll(async () => {
  await world.close();
  for (const proxy of proxies) await proxy.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function storedVersion(): Promise<string | undefined> {
  const { rows } = await world.database.pool.query<{ version: string }>(
    'SELECT version FROM bridge.whatsapp_version',
  );
  return rows[0]?.version;
}

test('messages to groups are acknowledged, neither refused nor read', async () => {
  await world.fake.sendMessage({
    to_instance: '5511900000001',
    from: '5562999410301',
    group: '120363000000000009@g.us',
    text: 'oi',
  });

  const own = () => world.fake.acknowledgements().filter(({ from }) => from === '120363000000000009@g.us');
  await eventually(() => own().length === 1);
  expect(own()).toEqual([
    { session: '5511900000001', from: '120363000000000009@g.us', class: 'message', error: null },
  ]);
});

test('a client that WhatsApp calls outdated reads the version anew and comes back', async () => {
  let asked = 0;
  const page = createServer((_request, response) => {
    asked++;
    response.end('"client_revision":1099999999,');
  });
  const url = `${await listen(page)}/sw.js`;
  const versioned = await world.bridge({ WHATSAPP_VERSION_URL: url });
  // Stored, not only asked: the next bridge would ask again.
  await eventually(async () => (await storedVersion()) === '2.3000.1099999999');
  await versioned.stop();
  await world.database.pool.query("UPDATE bridge.whatsapp_version SET version = '2.3000.1'");
  asked = 0;

  const again = await world.bridge({ WHATSAPP_VERSION_URL: url });
  await world.pair(again, 'outdated', '5511900000002');
  expect(asked).toBe(0);
  world.fake.failLogins('5511900000002', '405', 2);
  world.fake.closeSessions('5511900000002', 'drop');

  await again.api.untilState('outdated', 'connecting');
  await again.api.untilState('outdated', 'open');
  // Two refusals lead to one read of the page.
  expect(asked).toBe(1);
  expect(await storedVersion()).toBe('2.3000.1099999999');
  await again.stop();
});

test('a page that names no version leaves the last good one', async () => {
  const page = createServer((_request, response) => void response.writeHead(503).end('sorry'));
  const url = `${await listen(page)}/sw.js`;
  await world.database.pool.query(
    "UPDATE bridge.whatsapp_version SET version = '2.3000.7', fetched_at = now() - interval '2 days'",
  );

  const other = await world.bridge({ WHATSAPP_VERSION_URL: url });
  await eventually(() => other.logged().includes('the version of WhatsApp Web could not be read'));

  expect(await storedVersion()).toBe('2.3000.7');
  await other.stop();
});

test('a number goes through its own proxy, and its password is in no table', async () => {
  const proxy = await createHttpProxy();
  proxies.push(proxy);
  const url = new URL(`http://user:proxy-password@127.0.0.1:${proxy.port}`);
  await world.pair(bridge, 'proxied', '5511900000003');

  expect((await bridge.api.patch('/instances/proxied', { proxy: url.href })).status).toBe(200);

  await eventually(() => proxy.authorizations.length === 1);
  expect(proxy.authorizations[0]).toBe(`Basic ${Buffer.from('user:proxy-password').toString('base64')}`);
  await bridge.api.untilState('proxied', 'open');
  const { rows } = await world.database.pool.query<{ line: string }>(
    'SELECT a::text AS line FROM bridge.auth_state a',
  );
  expect(rows.some(({ line }) => line.includes('proxy-password'))).toBe(false);
  expect(bridge.logged()).not.toContain('proxy-password');
});

test('a number goes through its own SOCKS5 proxy', async () => {
  const proxy = await createSocksServer();
  await world.pair(bridge, 'through-socks', '5511900000004');
  const url = `socks5://user:socks-password@127.0.0.1:${proxy.port}`;

  expect((await bridge.api.patch('/instances/through-socks', { proxy: url })).status).toBe(200);

  await eventually(() => proxy.tunnels.length === 1);
  const { host } = new URL(world.fake.url);
  expect(proxy.tunnels[0]).toEqual({ user: 'user', password: 'socks-password', to: host });
  await bridge.api.untilState('through-socks', 'open');
  world.fake.setContact('5562999410303', { picture: 'none' });
  expect((await bridge.api.picture('through-socks', '5562999410303')).body.status).toBe('not_set');
  expect(bridge.logged()).not.toContain('socks-password');

  await bridge.api.delete('/instances/through-socks');
  await proxy.close();
});

test('the queries of each number are counted', async () => {
  world.fake.setContact('5562999410302', { picture: 'set' });
  await bridge.api.picture('demo', '5562999410302');

  const { text } = await bridge.api.get('/metrics');
  expect(text).toContain('profilepic_queries_total{instance="demo",kind="usync"} 1');
  expect(text).toContain('profilepic_queries_total{instance="demo",kind="picture"} 1');
  expect(text).toMatch(/profilepic_budget_per_minute\{instance="demo"\} 6000/);
  expect((await bridge.api.get('/instances')).body.instances).toContainEqual(
    expect.objectContaining({ id: 'demo', budget: expect.objectContaining({ used_today: 2 }) as unknown }),
  );
});
