import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BridgeApi } from '../src/http/api.js';
import { registerRoutes } from '../src/http/server.js';
import { type TestBridge, type World, createWorld, token } from './support/world.js';

let world: World;
let bridge: TestBridge;

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge({ BRIDGE_TOKENS: `another-token,${token}` });
  await world.pair(bridge, 'demo', '5511900000001');
});
afterAll(() => world.close());

const call = (method: string, path: string, headers: Record<string, string> = {}, body?: string) =>
  fetch(`${bridge.url}${path}`, { method, headers, ...(body !== undefined && { body }) });

const basic = (password: string) => `Basic ${Buffer.from(`me:${password}`).toString('base64')}`;

test.each([
  ['GET', '/instances'],
  ['GET', '/instances/demo'],
  ['POST', '/instances/demo'],
  ['DELETE', '/instances/demo'],
  ['GET', '/instances/demo/qr'],
  ['POST', '/instances/demo/pairing-code'],
  ['GET', '/instances/demo/profile-picture?phone=5562999212484'],
])('%s %s needs a token', async (method, path) => {
  for (const authorization of ['', 'Bearer wrong-token', `Bearer ${token}x`, `Basic ${token}`, token]) {
    const response = await call(method, path, { authorization });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ status: 'unauthorized' });
  }
});

test('every configured token is good', async () => {
  for (const each of [token, 'another-token']) {
    expect((await call('GET', '/instances', { authorization: `Bearer ${each}` })).status).toBe(200);
  }
});

test('a browser may open the QR page with a token as password, and nothing else that way', async () => {
  const asked = await call('GET', '/instances/demo/qr', { accept: 'text/html' });
  expect(asked.headers.get('www-authenticate')).toMatch(/^Basic /);

  expect((await call('GET', '/instances/demo/qr', { authorization: basic(token) })).status).toBe(200);
  expect((await call('GET', '/instances/demo/qr', { authorization: basic('wrong-token') })).status).toBe(401);
  expect((await call('DELETE', '/instances/demo', { authorization: basic(token) })).status).toBe(401);
  expect((await call('GET', '/instances', { authorization: basic(token) })).status).toBe(401);
});

test('/health and /ready answer without a token', async () => {
  for (const path of ['/health', '/ready']) expect((await call('GET', path)).status).toBe(200);
});

test('without its database it is alive but not ready, and says "unavailable" instead of failing', async () => {
  const away = await createWorld();
  const lonely = await away.bridge();
  await away.database.pool.query('ALTER TABLE bridge.instances RENAME TO away');

  const { status, headers, body, text } = await lonely.api.get('/instances');

  expect({ status, body }).toEqual({ status: 503, body: { status: 'unavailable' } });
  expect(headers.get('retry-after')).toBe('5');
  expect(text).not.toMatch(/relation|at /);
  await away.database.pool.query('ALTER TABLE bridge.away RENAME TO instances');
  await away.close();
});

test('metrics tell lookups, states, reconnects, deliveries and queues', async () => {
  world.fake.setContact('5562999212484', { picture: 'set' });
  await bridge.api.picture('demo', '5562999212484');
  const reconnects = async () =>
    /bridge_reconnects_total{reason="restart_required"} (\d+)/.exec(
      (await bridge.api.get('/metrics')).text,
    )?.[1];

  const { text, headers } = await bridge.api.get('/metrics');

  expect(headers.get('content-type')).toContain('text/plain');
  expect(text).toContain('bridge_lookups_total{status="found"} 1');
  expect(text).toContain('bridge_lookup_seconds_count{status="found"} 1');
  expect(text).toContain('bridge_instances{state="open"} 1');
  expect(text).toContain('bridge_lookup_queue_length 0');
  expect(text).toContain('bridge_webhook_outbox_length 0');
  expect(text).toContain('bridge_webhook_deliveries_total{result="refused"} 0');
  expect(text).toContain('bridge_lookups_total{status="throttled"} 0');
  expect(text).toContain('bridge_lookup_seconds_bucket{le="+Inf",status="throttled"} 0');
  expect(await reconnects()).toBe('1');
});

async function servedRoutes(): Promise<string[]> {
  const routes: string[] = [];
  const app = fastify({ exposeHeadRoutes: false });
  app.addHook('onRoute', ({ method, url }) => void routes.push(`${String(method)} ${url}`));
  registerRoutes(app, {} as BridgeApi, [token]);
  await app.ready();
  return routes.sort();
}

test('the OpenAPI document describes exactly the routes that there are', async () => {
  const { body } = await bridge.api.get('/openapi.json');
  const paths = body.paths as Record<string, Record<string, { responses: Record<string, unknown> }>>;
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      .filter((each) => each !== 'parameters')
      .map((method) => `${method.toUpperCase()} ${path.replaceAll(/{(\w+)}/g, ':$1')}`),
  );

  expect(described.sort()).toEqual(await servedRoutes());
  const answers = paths['/instances/{id}/profile-picture']?.get?.responses ?? {};
  expect(Object.keys(answers)).toEqual(['200', '400', '401', '404', '429', '503', '504']);
});

test.each([
  ['POST', '/instances/demo/pairing-code', 'not json', 400],
  ['POST', '/instances/demo/pairing-code', '{}', 400],
  ['POST', '/instances/demo/pairing-code', '{"phone":5562999212484}', 400],
  ['POST', '/instances/demo/pairing-code', `{"phone":"${'9'.repeat(20_000)}"}`, 413],
  ['GET', '/nowhere', undefined, 404],
  ['PUT', '/instances/demo', undefined, 404],
])('%s %s with %.20s is answered without a stack trace', async (method, path, body, status) => {
  const response = await call(
    method,
    path,
    { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    body,
  );

  expect(response.status).toBe(status);
  expect(await response.text()).not.toMatch(/\bat \S+:\d+|node_modules/);
});
