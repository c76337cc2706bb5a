import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../lookups/clock.js';
import { eventually } from './support/eventually.js';
import { createLiveInstance, pairLiveInstance } from './support/live-instance.js';
import { type TestBridge, type World, createWorld } from './support/world.js';

let world: World;
let bridge: TestBridge;
let accounts = 5_511_900_000_000;
const nextAccount = () => String(++accounts);

beforeAll(async () => {
  world = await createWorld();
  bridge = await world.bridge();
});
afterAll(() => world.close());

const qrOf = (id: string) =>
  eventually(async () => (await bridge.api.get(`/instances/${id}/qr`)).body.qr as string | null);

test('an instance is created, shows a QR code, and is open once a phone has scanned it', async () => {
  const created = await bridge.api.post('/instances/usuario_1');
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ id: 'usuario_1', local: true });

  const qr = await qrOf('usuario_1');
  expect((await bridge.api.get('/instances/usuario_1')).body).toMatchObject({ state: 'qr', reason: null });

  const { lid } = await world.fake.scan({ qr, jid: '5511988880001' });
  const open = await bridge.api.untilState('usuario_1', 'open');
  expect(open).toMatchObject({
    reason: null,
    since: expect.stringMatching(/^\d{4}-/) as string,
    jid: '5511988880001@s.whatsapp.net',
    lid: lid.replace(/:\d+/, ''),
    lookup_queue_length: 0,
  });
  expect((await bridge.api.get('/instances/usuario_1/qr')).body).toEqual({ state: 'open', qr: null });
});

test('creating an instance again changes nothing', async () => {
  await world.pair(bridge, 'twice', nextAccount());

  const again = await bridge.api.post('/instances/twice');

  expect(again.status).toBe(200);
  expect(again.body).toMatchObject({ state: 'open' });
});

test('callers are told how long a lookup takes at the most', async () => {
  const slow = await world.bridge({ BRIDGE_LOOKUP_MAX_WAIT_MS: '2500', BRIDGE_LOOKUP_DEADLINE_MS: '7000' });

  expect((await slow.api.get('/instances')).body).toMatchObject({ longest_lookup_ms: 9_500 });
});

test('all instances are listed with their states', async () => {
  await bridge.api.post('/instances/listed');
  await bridge.api.untilState('listed', 'qr');

  const { body } = await bridge.api.get('/instances');

  expect(body.instances).toContainEqual(expect.objectContaining({ id: 'listed', state: 'qr', local: true }));
});

test('the QR code comes as PNG and as a page that reloads itself and in the end says "paired"', async () => {
  await bridge.api.post('/instances/page');
  const qr = await qrOf('page');

  const png = await bridge.api.get('/instances/page/qr', { accept: 'image/png' });
  expect(png.headers.get('content-type')).toBe('image/png');
  expect(png.text.slice(1, 4)).toBe('PNG');
  expect((await bridge.api.get('/instances/page/qr?format=png')).headers.get('content-type')).toBe(
    'image/png',
  );

  const waiting = await bridge.api.get('/instances/page/qr', { accept: 'text/html,*/*' });
  expect(waiting.headers.get('content-type')).toContain('text/html');
  expect(waiting.text).toContain('<svg');
  expect(waiting.text).toContain('http-equiv="refresh"');

  await world.fake.scan({ qr, jid: nextAccount() });
  await bridge.api.untilState('page', 'open');
  const done = await bridge.api.get('/instances/page/qr', { accept: 'text/html' });
  expect(done.text).toContain('>paired<');
  expect(done.text).not.toContain('http-equiv="refresh"');
  expect((await bridge.api.get('/instances/page/qr?format=png')).status).toBe(409);
});

test('an instance can be paired with a code instead of the QR code', async () => {
  const account = nextAccount();
  await bridge.api.post('/instances/coded');
  await bridge.api.untilState('coded', 'qr');

  const { status, body } = await bridge.api.post('/instances/coded/pairing-code', { phone: `+${account}` });
  expect(status).toBe(200);
  expect(body.code).toMatch(/^[0-9A-Z]{8}$/);

  await world.fake.enterPairingCode({ phone: account, code: body.code as string });
  await bridge.api.untilState('coded', 'open');
  expect((await bridge.api.post('/instances/coded/pairing-code', { phone: account })).status).toBe(409);
});

test('deleting an instance logs it out and forgets it', async () => {
  const account = nextAccount();
  await world.pair(bridge, 'leaving', account);

  expect((await bridge.api.delete('/instances/leaving')).status).toBe(204);

  expect((await bridge.api.get('/instances/leaving')).status).toBe(404);
  expect((await bridge.api.delete('/instances/leaving')).status).toBe(404);
  await eventually(() => !world.fake.sessions().some((session) => session.user === account));
  const left = await world.database.pool.query("SELECT FROM bridge.auth_state WHERE instance_id = 'leaving'");
  expect(left.rowCount).toBe(0);
});

test('an instance that another client replaced stays away until it is asked to connect', async () => {
  const account = nextAccount();
  await world.pair(bridge, 'yielding', account);

  world.fake.closeSessions(account, 'replaced');
  expect(await bridge.api.untilState('yielding', 'replaced')).toMatchObject({
    reason: 'connection_replaced',
  });

  await bridge.api.post('/instances/yielding');
  await bridge.api.untilState('yielding', 'open');
});

test('an instance that the phone logged out forgets its session, shows no new QR code to whoever looks, but to whoever connects it', async () => {
  const account = nextAccount();
  await world.pair(bridge, 'thrown-out', account);

  world.fake.closeSessions(account, 'logged_out');
  await bridge.api.untilState('thrown-out', 'logged_out');
  await eventually(async () => {
    const rows = await world.database.pool.query(
      "SELECT FROM bridge.auth_state WHERE instance_id = 'thrown-out'",
    );
    return rows.rowCount === 0;
  });

  expect((await bridge.api.get('/instances/thrown-out/qr')).body).toEqual({ state: 'logged_out', qr: null });
  expect((await bridge.api.get('/instances/thrown-out')).body.state).toBe('logged_out');
  await world.pair(bridge, 'thrown-out', account);
});

test.each([
  ['401', 'logged_out', 'logged_out'],
  ['403', 'logged_out', 'main_device_gone'],
  ['402', 'banned', 'temporary_ban'],
  ['406', 'banned', 'banned'],
  ['409', 'failed', 'bad_user_agent'],
  ['418', 'failed', 'client_unknown'],
  ['411', 'failed', 'multi_device_mismatch'],
])('a login that WhatsApp refuses with %s ends in %s (%s)', async (failure, state, reason) => {
  const account = nextAccount();
  const id = `refused-${failure}`;
  await world.pair(bridge, id, account);

  world.fake.failLogins(account, failure);
  world.fake.closeSessions(account, 'drop');

  expect(await bridge.api.untilState(id, state)).toMatchObject({ reason });
});

test.each(['515', 'drop', '428', '503', '500'] as const)(
  'after %s it is open again by itself',
  async (how) => {
    const account = nextAccount();
    const id = `back-after-${how}`;
    await world.pair(bridge, id, account);
    const before = (await bridge.api.get(`/instances/${id}`)).body.since;

    world.fake.closeSessions(account, how);

    await eventually(async () => {
      const { body } = await bridge.api.get(`/instances/${id}`);
      return body.state === 'open' && body.since !== before;
    });
  },
);

test('a login refused with 503 twice is tried until it succeeds', async () => {
  const account = nextAccount();
  await world.pair(bridge, 'patient', account);

  world.fake.failLogins(account, '503', 2);
  world.fake.closeSessions(account, 'drop');

  await bridge.api.untilState('patient', 'connecting');
  await bridge.api.untilState('patient', 'open');
});

test.each(['.hidden', '_under', '-dash', 'a', 'a'.repeat(64)])('"%s" is an instance id', async (id) => {
  expect((await bridge.api.post(`/instances/${id}`)).status).toBe(201);
  expect((await bridge.api.picture(id, '5562999212484')).body.status).toBe('disconnected');
});

test.each(['with space', 'a'.repeat(65), 'a'.repeat(500), 'a'.repeat(4_000), 'slash%2Fslash', 'ção'])(
  '"%s" is no instance id',
  async (id) => {
    const { status, body } = await bridge.api.post(`/instances/${id}`);

    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ field: 'id' })]);
  },
);

test('after a restart every instance is open again, without pairing', async () => {
  const home = await createWorld();
  const first = await home.bridge();
  await home.pair(first, 'one', '5511977770001');
  await home.pair(first, 'two', '5511977770002');
  await first.stop();
  await eventually(() => home.fake.sessions().length === 0);

  const second = await home.bridge({ BRIDGE_INSTANCES: 'one' });

  await second.api.untilState('one', 'open');
  await second.api.untilState('two', 'open');
  home.fake.setContact('5562999212484', { picture: 'set' });
  expect((await second.api.picture('two', '5562999212484')).body.status).toBe('found');
  await home.close();
});

test('a temporary ban ends reconnecting until its time is over, also for the next process', async () => {
  const home = await createWorld();
  const first = await home.bridge();
  await home.pair(first, 'banned', '5511966660001');
  home.fake.failLogins('5511966660001', '402', undefined, 3_600);
  home.fake.closeSessions('5511966660001', 'drop');

  const { reason, retry_at, since } = await first.api.untilState('banned', 'banned');
  expect(reason).toBe('temporary_ban');
  expect(Date.parse(retry_at as string) - Date.parse(since as string)).toBe(3_600_000);

  await first.stop();
  const second = await home.bridge();
  expect(await second.api.untilState('banned', 'banned')).toMatchObject({ retry_at });
  await second.stop();

  home.fake.failLogins('5511966660001', null);
  await home.database.pool.query("UPDATE bridge.instances SET retry_at = now() + interval '50 ms'");
  const third = await home.bridge();
  await third.api.untilState('banned', 'open');
  await home.close();
});

test('a temporary ban lasts as long as WhatsApp said, also when time passes while it is noted', async () => {
  let now = Date.now();
  const account = nextAccount();
  const live = await createLiveInstance(
    world,
    'banned-live',
    { ...systemClock, now: () => ++now },
    () => 0.5,
  );
  await pairLiveInstance(world, live, account);
  world.fake.failLogins(account, '402', undefined, 3_600);
  world.fake.closeSessions(account, 'drop');
  await eventually(() => live.instance.status().state === 'banned');

  const { since, retryAt } = live.instance.status();
  expect(Date.parse(String(retryAt)) - Date.parse(since)).toBe(3_600_000);
  await live.instance.stop();
});

test('looking at the QR code from another site is refused', async () => {
  await bridge.api.post('/instances/looked-at');
  const look = async (site: string) =>
    (await bridge.api.get('/instances/looked-at/qr', { 'sec-fetch-site': site })).status;

  expect(await look('cross-site')).toBe(403);
  expect(await look('same-site')).toBe(403);
  expect(await look('same-origin')).toBe(200);
  expect(await look('none')).toBe(200);
});

test('a profile, own figures and a proxy are set, shown and checked', async () => {
  await bridge.api.post('/instances/settings');
  const patch = (body: unknown) => bridge.api.patch('/instances/settings', body);

  expect((await patch({ profile: 'careful', per_day: 50 })).body).toMatchObject({ profile: 'careful' });
  expect((await bridge.api.get('/instances/settings')).body).toMatchObject({ profile: 'careful' });
  expect((await patch({ profile: 'reckless' })).status).toBe(400);
  expect((await patch({ per_minute: 0 })).status).toBe(400);
  expect((await patch({ proxy: 'ftp://127.0.0.1' })).status).toBe(400);
  expect((await bridge.api.patch('/instances/nobody-here', { profile: 'normal' })).status).toBe(404);
});
