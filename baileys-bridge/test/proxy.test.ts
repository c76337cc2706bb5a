import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthStore } from '../src/auth-state/auth-store.js';
import { createCipher } from '../src/auth-state/cipher.js';
import { eventually } from './support/eventually.js';
import { createHttpProxy } from './support/http-proxy.js';
import { createSocksServer } from './support/socks-server.js';
import { type TestBridge, type World, createWorld, encryptionKey } from './support/world.js';

/** More credentials than SOCKS5 has room for: one byte says how long each of them is. */
const TOO_LONG = 'u'.repeat(256);

let world: World;
let bridge: TestBridge;

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge();
  await world.pair(bridge, 'one', '5511900000001');
  await world.pair(bridge, 'other', '5511900000002');
});
afterAll(() => world.close());

/** Stores a proxy as an earlier release did: without a check. */
async function storeProxy(instanceId: string, proxy: string): Promise<void> {
  const { pool } = world.database;
  const { rows } = await pool.query<{ fence: string }>('SELECT fence FROM bridge.instances WHERE id = $1', [
    instanceId,
  ]);
  const store = createAuthStore(pool, createCipher(Buffer.from(encryptionKey, 'base64')));
  await store.write({ instanceId, fence: rows[0]?.fence ?? '' }, { settings: { proxy } });
}

test.each([
  ['ftp://127.0.0.1', 'must be a URL that starts with'],
  ['socks4h://127.0.0.1:1', 'must be a URL that starts with'],
  ['socks5:foo', 'must name a host'],
  ['socks5://', 'must name a host'],
  ['http://user:100%@127.0.0.1:1', '%25'],
  ['http://100%:secret@127.0.0.1:1', '%25'],
  ['socks5://user:100%@127.0.0.1:1', '%25'],
  ['http://user:%ff@127.0.0.1:1', '%25'],
  [`socks5://${TOO_LONG}:secret@127.0.0.1:1`, 'at most 255 bytes'],
  [`socks5h://user:${TOO_LONG}@127.0.0.1:1`, 'at most 255 bytes'],
])('the proxy %s is refused with the reason, and the number stays connected', async (proxy, reason) => {
  const { status, body } = await bridge.api.patch('/instances/one', { per_day: 77, proxy });

  expect(status).toBe(400);
  expect(body.errors).toEqual([{ field: 'proxy', message: expect.stringContaining(reason) as unknown }]);
  const { body: after } = await bridge.api.get('/instances/one');
  expect(after).toMatchObject({ state: 'open', reason: null });
  expect((after.budget as { per_day?: unknown } | null)?.per_day ?? null).toBeNull();
});

test.each([
  'http://user:100%@127.0.0.1:1',
  'socks5://user:100%@127.0.0.1:1',
  'socks4h://127.0.0.1:1',
  `socks5://${TOO_LONG}@127.0.0.1:1`,
])('a number whose stored proxy is %s says so, the other works, and a change leads out', async (proxy) => {
  await storeProxy('one', proxy);
  await bridge.stop();
  bridge = await world.bridge();

  expect(await bridge.api.untilState('one', 'failed')).toMatchObject({ reason: 'proxy_invalid' });
  await bridge.api.untilState('other', 'open');
  // Asked to connect again, it looks again.
  expect((await bridge.api.post('/instances/one')).status).toBe(200);
  expect(await bridge.api.untilState('one', 'failed')).toMatchObject({ reason: 'proxy_invalid' });

  expect((await bridge.api.patch('/instances/one', { proxy: null })).status).toBe(200);
  await bridge.api.untilState('one', 'open');
});

test('every character of a user and a password reaches an HTTP proxy', async () => {
  const proxy = await createHttpProxy();
  const password = "100%2F:@/?#é'(*";

  await bridge.api.patch('/instances/one', {
    proxy: `http://user%40home:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`,
  });

  await eventually(() => proxy.authorizations.length === 1);
  expect(proxy.authorizations[0]).toBe(`Basic ${Buffer.from(`user@home:${password}`).toString('base64')}`);
  await bridge.api.untilState('one', 'open');
  await bridge.api.patch('/instances/one', { proxy: null });
  await proxy.close();
});

test('every character of a user and a password reaches a SOCKS5 proxy', async () => {
  const proxy = await createSocksServer();
  const password = `100%2F:@/?#${'u'.repeat(200)}`;

  await bridge.api.patch('/instances/other', {
    proxy: `socks5://user%40home:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`,
  });

  await eventually(() => proxy.tunnels.length === 1);
  expect(proxy.tunnels[0]).toMatchObject({ user: 'user@home', password });
  await bridge.api.untilState('other', 'open');
  await bridge.api.patch('/instances/other', { proxy: null });
  await proxy.close();
});
