import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ApiClient, createApiClient } from './support/api-client.js';
import { eventually } from './support/eventually.js';
import { createReceiver } from './support/receiver.js';
import { type World, createWorld, token } from './support/world.js';

interface BridgeProcess {
  readonly child: ChildProcess;
  readonly api: ApiClient;
  readonly output: () => string;
}

let world: World;
const children = new Set<ChildProcess>();

beforeAll(async () => {
  world = await createWorld();
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => world.close());

/** Starts the compiled bridge as a separate process. */
async function startProcess(overrides: Record<string, string> = {}): Promise<BridgeProcess> {
  const child = spawn(process.execPath, [new URL('../dist/src/main.js', import.meta.url).pathname], {
    env: { PATH: process.env.PATH ?? '', ...world.environment({ BRIDGE_LEASE_SECONDS: '3', ...overrides }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const lines: string[] = [];
  child.stdout.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => lines.push(chunk.toString()));
  const output = () => lines.join('');
  const url = await eventually(() => {
    if (child.exitCode !== null) throw new Error(`the bridge ended: ${output()}`);
    return /"url":"(http[^"]+)"/.exec(output())?.[1];
  });
  return { child, api: createApiClient(url, token), output };
}

async function pair({ api }: BridgeProcess, id: string, account: string): Promise<void> {
  await api.post(`/instances/${id}`);
  const qr = await eventually(async () => (await api.get(`/instances/${id}/qr`)).body.qr as string | null);
  await world.fake.scan({ qr, jid: account });
  await api.untilState(id, 'open');
}

const sessionsOf = (account: string) => world.fake.sessions().filter(({ user }) => user === account).length;

test('after kill -9 a second process takes the numbers over, without pairing', async () => {
  const first = await startProcess();
  await pair(first, 'killed', '5511900000001');
  const second = await startProcess();
  expect((await second.api.get('/instances/killed')).body).toMatchObject({ state: 'open', local: false });
  expect((await second.api.picture('killed', '5562999212484')).status).toBe(503);

  first.child.kill('SIGKILL');

  await eventually(async () => {
    const { body } = await second.api.get('/instances/killed');
    return body.local === true && body.state === 'open';
  }, 60_000);
  world.fake.setContact('5562999212484', { picture: 'set' });
  expect((await second.api.picture('killed', '5562999212484')).body.status).toBe('found');
}, 120_000);

test('two processes never drive one number: who was frozen and comes back stays away', async () => {
  const first = await startProcess();
  await pair(first, 'frozen', '5511900000002');
  const second = await startProcess();

  first.child.kill('SIGSTOP');
  await eventually(async () => (await second.api.get('/instances/frozen')).body.local === true, 60_000);
  await second.api.untilState('frozen', 'open');
  first.child.kill('SIGCONT');

  await eventually(async () => (await first.api.get('/instances/frozen')).body.local === false);
  await eventually(() => sessionsOf('5511900000002') === 1);
  expect((await second.api.get('/instances/frozen')).body).toMatchObject({ state: 'open', local: true });
}, 120_000);

test('SIGTERM ends with 0, keeps the session and hands the numbers over at once', async () => {
  const first = await startProcess({ BRIDGE_LEASE_SECONDS: '20' });
  await pair(first, 'handed-over', '5511900000003');
  const exit = once(first.child, 'exit');

  first.child.kill('SIGTERM');

  expect(await exit).toEqual([0, null]);
  await eventually(() => sessionsOf('5511900000003') === 0);
  const second = await startProcess({ BRIDGE_LEASE_SECONDS: '20' });
  await second.api.untilState('handed-over', 'open');
}, 120_000);

test('SIGTERM answers the lookups that are under way, and exits in spite of them', async () => {
  const bridge = await startProcess({ BRIDGE_LOOKUP_DEADLINE_MS: '60000' });
  await pair(bridge, 'busy', '5511900000004');
  // Four lookups are under way, the other two wait.
  const phones = Array.from({ length: 6 }, (_, index) => String(5_562_999_212_400 + index));
  for (const phone of phones) world.fake.setContact(phone, { picture: 'silent' });
  world.fake.clearRequests();
  const lookups = phones.map((phone) => bridge.api.picture('busy', phone));
  await eventually(() => world.fake.requests().filter(({ kind }) => kind === 'picture').length === 4);
  const exit = once(bridge.child, 'exit');

  bridge.child.kill('SIGTERM');

  for (const answer of await Promise.all(lookups)) {
    expect({ status: answer.status, body: answer.body.status }).toEqual({
      status: 503,
      body: 'disconnected',
    });
  }
  expect(await exit).toEqual([0, null]);
}, 120_000);

test('SIGTERM exits in spite of a receiver that does not answer, and the event is not lost', async () => {
  const receiver = await createReceiver();
  let asked = 0;
  receiver.answer = ({ body }) => {
    if (body.event === 'connection.update') return { status: 202 };
    asked++;
    return 'never';
  };
  const settings = {
    RECEIVER_URL: receiver.url,
    BRIDGE_WEBHOOK_SECRET: `whsec_${receiver.secret.toString('base64')}`,
  };
  const bridge = await startProcess(settings);
  await pair(bridge, 'telling', '5511900000005');
  world.fake.changePicture('5562999212486');
  await eventually(() => asked > 0);
  const exit = once(bridge.child, 'exit');

  bridge.child.kill('SIGTERM');

  expect(await exit).toEqual([0, null]);
  receiver.answer = () => ({ status: 202 });
  await startProcess(settings);
  const event = await eventually(
    () => receiver.received.find(({ body }) => body.event === 'contacts.update'),
    90_000,
  );
  expect(event.body.data).toMatchObject([{ jid: '5562999212486@s.whatsapp.net' }]);
  await receiver.goAway();
}, 180_000);

test('what it prints has no phone and no secret in it', async () => {
  const bridge = await startProcess({ BRIDGE_LOG_LEVEL: 'trace' });
  await pair(bridge, 'discreet', '5511987654321');
  world.fake.setContact('5562999212484', { picture: 'set' });
  await bridge.api.picture('discreet', '5562999212484');
  await world.fake.sendMessage({
    to_instance: '5511987654321',
    from: '5562999212484',
    text: 'between us',
    push_name: 'Eva',
  });
  world.fake.closeSessions('5511987654321', 'drop');
  await bridge.api.untilState('discreet', 'connecting');
  await bridge.api.untilState('discreet', 'open');

  const output = bridge.output();

  expect(output).toContain('"instance":"discreet"');
  expect(output).not.toMatch(/5511987654321|5562999212484|between us/);
  const secrets = world.environment();
  expect(output).not.toContain(secrets.BRIDGE_TOKENS);
  expect(output).not.toContain(secrets.BRIDGE_ENCRYPTION_KEY);
});

test('a configuration that cannot work ends the process with the variable and its remedy', async () => {
  const child = spawn(process.execPath, [new URL('../dist/src/main.js', import.meta.url).pathname], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));

  expect((await once(child, 'close'))[0]).toBe(1);
  expect(complaint).toMatch(/BRIDGE_TOKENS is required/);
  expect(complaint).not.toMatch(/\n\s+at /);
});
