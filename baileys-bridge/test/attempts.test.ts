import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAuthStore } from '../src/auth-state/auth-store.js';
import { createCipher } from '../src/auth-state/cipher.js';
import { createAdmission } from '../src/instances/admission.js';
import { eventually } from './support/eventually.js';
import { createFakeClock } from './support/fake-clock.js';
import { createLiveInstance } from './support/live-instance.js';
import { type World, createWorld, encryptionKey } from './support/world.js';

/** As many numbers as may connect at the same time. */
const EVERY_PLACE = 10;

let world: World;

beforeAll(async () => {
  world = await createWorld();
  await (await world.bridge()).stop();
});
afterAll(() => world.close());

/** Creates numbers whose stored value in `category` is `value`. */
async function storeNumbers(prefix: string, count: number, category: string, keyId: string, value: unknown) {
  const { pool } = world.database;
  const store = createAuthStore(pool, createCipher(Buffer.from(encryptionKey, 'base64')));
  const ids = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  for (const instanceId of ids) {
    await pool.query('INSERT INTO bridge.instances (id, fence) VALUES ($1, 1)', [instanceId]);
    await store.write({ instanceId, fence: '1' }, { [category]: { [keyId]: value } });
  }
  return ids;
}

test.each([
  ['empty', {}],
  ['a text', 'creds'],
  ['half', { noiseKey: { private: Buffer.alloc(32) } }],
])('numbers whose stored credentials are %s fail, and take no place from the others', async (name, creds) => {
  const prefix = `damaged-${name.replace(' ', '-')}-`;
  const ids = await storeNumbers(prefix, EVERY_PLACE, 'creds', '', creds);
  const bridge = await world.bridge();

  for (const id of ids) {
    expect(await bridge.api.untilState(id, 'failed')).toMatchObject({ reason: 'credentials_unreadable' });
  }
  await bridge.api.post(`/instances/healthy-beside-${prefix}0`);
  await bridge.api.untilState(`healthy-beside-${prefix}0`, 'qr');

  for (const id of ids) expect((await bridge.api.delete(`/instances/${id}`)).status).toBe(204);
  await bridge.stop();
});

test('a proxy that cannot be decrypted makes its number fail, and another proxy leads out', async () => {
  const [id = ''] = await storeNumbers('undecryptable', 1, 'settings', 'proxy', 'http://127.0.0.1:1');
  await world.database.pool.query(
    `UPDATE bridge.auth_state SET value = overlay(value PLACING '\\x00'::bytea FROM 40) WHERE instance_id = $1`,
    [id],
  );
  const bridge = await world.bridge();

  expect(await bridge.api.untilState(id, 'failed')).toMatchObject({ reason: 'proxy_invalid' });
  expect((await bridge.api.patch(`/instances/${id}`, { proxy: null })).status).toBe(200);
  await bridge.api.untilState(id, 'qr');
  await bridge.stop();
});

test('an attempt that fails unexpectedly gives its place back and is repeated', async () => {
  const clock = createFakeClock();
  const admission = createAdmission(1);
  const { instance } = await createLiveInstance(
    world,
    'no-url',
    clock,
    () => 0.5,
    'this is no address',
    admission,
  );
  instance.connect();
  await eventually(() => instance.status().reason === 'socket_unavailable');

  const leave = await admission.enter();
  clock.advance(1_000);
  // The next attempt waits for the place that the test holds, so no task is left.
  expect(clock.pending()).toBe(0);
  leave();
  await eventually(() => clock.pending() === 1);
  expect(instance.status()).toMatchObject({ state: 'connecting', reason: 'socket_unavailable' });
  await instance.stop();
});
