import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type AuthStore, LeaseLostError, createAuthStore, signalKeys } from '../src/auth-state/auth-store.js';
import { UnreadableCredentialsError, createCipher } from '../src/auth-state/cipher.js';
import { loadSession } from '../src/auth-state/credentials.js';
import { systemClock } from '../lookups/clock.js';
import { migrate } from '../src/database/migrate.js';
import { createPool } from '../src/database/pool.js';
import { createLogger } from '../src/logging/logger.js';
import { type TestDatabase, createTestDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';

const log = createLogger('silent');
const key = randomBytes(32);
let database: TestDatabase;
let store: AuthStore;
let instances = 0;
let lease = { instanceId: '', fence: '1' };

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate(database.pool);
  store = createAuthStore(database.pool, createCipher(key));
});
beforeEach(async () => {
  lease = { instanceId: `instance-${++instances}`, fence: '1' };
  await database.pool.query('INSERT INTO bridge.instances (id, fence) VALUES ($1, 1)', [lease.instanceId]);
});
afterAll(() => database.drop());

const load = () => loadSession(store, lease, systemClock, log);

test('what was set is read back, buffers and all, in one query', async () => {
  const keys = signalKeys(store, lease);
  const session = Buffer.from([1, 2, 3]);
  await keys.set({ session: { a: session, b: Buffer.from([4]) }, 'lid-mapping': { '5562': '98' } });

  const found = await keys.get('session', ['a', 'b', 'missing']);

  expect(Buffer.from(found.a ?? [])).toEqual(session);
  expect(Object.keys(found).sort()).toEqual(['a', 'b']);
  expect(await keys.get('lid-mapping', ['5562'])).toEqual({ '5562': '98' });
});

test('null removes, and a set is all or nothing', async () => {
  const keys = signalKeys(store, lease);
  await keys.set({ session: { a: Buffer.from([1]) } });

  await keys.set({ session: { a: null, b: Buffer.from([2]) } });
  expect(Object.keys(await keys.get('session', ['a', 'b']))).toEqual(['b']);

  await database.pool.query('ALTER TABLE bridge.auth_state ADD CONSTRAINT no_z CHECK (key_id <> $$z$$)');
  await expect(store.write(lease, { session: { c: 'fine', z: 'forbidden' } })).rejects.toThrow(/no_z/);
  await database.pool.query('ALTER TABLE bridge.auth_state DROP CONSTRAINT no_z');
  expect(await keys.get('session', ['c'])).toEqual({});
});

test('nothing readable lies in the database', async () => {
  await store.write(lease, { creds: { '': { advSecretKey: 'in-plain-sight' } } });

  const { rows } = await database.pool.query<{ value: Buffer }>('SELECT value FROM bridge.auth_state');

  expect(rows.length).toBeGreaterThan(0);
  expect(rows.some(({ value }) => value.toString('latin1').includes('in-plain-sight'))).toBe(false);
});

test('a value opens only where it was written', async () => {
  await store.write(lease, { session: { a: 'mine', b: 'other' } });
  await database.pool.query(
    `UPDATE bridge.auth_state target SET value = source.value FROM bridge.auth_state source
     WHERE target.instance_id = $1 AND source.instance_id = $1 AND target.key_id = 'a' AND source.key_id = 'b'`,
    [lease.instanceId],
  );

  await expect(store.read(lease.instanceId, 'session', ['a'])).rejects.toThrow(UnreadableCredentialsError);
});

test('a write under a fence that is no longer current changes nothing', async () => {
  const keys = signalKeys(store, lease);
  await keys.set({ session: { a: Buffer.from([1]) } });
  await database.pool.query('UPDATE bridge.instances SET fence = 2 WHERE id = $1', [lease.instanceId]);

  await expect(keys.set({ session: { a: Buffer.from([9]), b: Buffer.from([9]) } })).rejects.toThrow(
    LeaseLostError,
  );
  await expect(store.clear(lease)).rejects.toThrow(LeaseLostError);

  const found = await keys.get('session', ['a', 'b']);
  expect(Object.keys(found)).toEqual(['a']);
  expect(Buffer.from(found.a ?? [])).toEqual(Buffer.from([1]));
});

test('new credentials are made only where there are none, and then kept', async () => {
  const first = await load();
  first.save();
  await first.flush();

  const second = await load();

  expect(second.auth.creds.advSecretKey).toBe(first.auth.creds.advSecretKey);
  expect(Buffer.from(second.auth.creds.noiseKey.private)).toEqual(
    Buffer.from(first.auth.creds.noiseKey.private),
  );
});

test('a read that fails is an error, never fresh credentials', async () => {
  const broken = createPool(database.url.replace(/\/bridge_test/, '/no_such_bridge_test'), 1, log);
  const unreachable = createAuthStore(broken, createCipher(key));

  await expect(loadSession(unreachable, lease, systemClock, log)).rejects.toThrow(/does not exist/);
  await expect(Promise.resolve(signalKeys(unreachable, lease).get('session', ['a']))).rejects.toThrow();
  await broken.end();
});

test('credentials under another key are refused by name, and left as they are', async () => {
  const session = await load();
  session.save();
  await session.flush();
  const otherKey = createAuthStore(database.pool, createCipher(randomBytes(32)));

  await expect(loadSession(otherKey, lease, systemClock, log)).rejects.toThrow(/BRIDGE_ENCRYPTION_KEY/);

  expect((await load()).auth.creds.advSecretKey).toBe(session.auth.creds.advSecretKey);
});

test('a session that was closed writes nothing any more, whatever its socket still does', async () => {
  const session = await load();
  const underWay = session.auth.keys.set({ session: { before: Buffer.from([1]) } });

  session.close();
  await session.auth.keys.set({ session: { after: Buffer.from([2]) } });
  session.save();
  await session.flush();

  const { rows } = await database.pool.query<{ key_id: string }>(
    'SELECT key_id FROM bridge.auth_state WHERE instance_id = $1',
    [lease.instanceId],
  );
  expect(rows).toEqual([{ key_id: 'before' }]);
  await underWay;
});

test('an identity left by a pairing code that nobody entered is dropped', async () => {
  const session = await load();
  session.auth.creds.me = { id: '5511900000001@s.whatsapp.net', name: '~' };
  session.save();
  await session.flush();

  const later = await load();
  later.dropUnfinishedPairing();
  expect(later.auth.creds.me).toBeUndefined();
});

test('credentials that cannot be written now are written as soon as it is possible again', async () => {
  const session = await load();
  await database.pool.query('ALTER TABLE bridge.auth_state RENAME TO elsewhere');
  session.save();
  session.auth.creds.advSecretKey = 'changed while the table was away';
  session.save();
  await database.pool.query('ALTER TABLE bridge.elsewhere RENAME TO auth_state');

  await session.flush();

  await eventually(async () => (await load()).auth.creds.advSecretKey === 'changed while the table was away');
});
