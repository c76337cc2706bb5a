/**
 * How much memory does a number take, and does the bridge stay responsive with many of them?
 * `npm run bench:instances [count]`, with BRIDGE_TEST_DATABASE_URL; Linux only (reads /proc).
 */
import { randomBytes } from 'node:crypto';
import PQueue from 'p-queue';
import pg from 'pg';
import { type Running, percentile, start, wait } from './processes.js';

const TOKEN = 'token-for-the-bench';
const count = Number(process.argv[2] ?? 200);
const adminUrl = process.env.BRIDGE_TEST_DATABASE_URL;
if (!adminUrl) throw new Error('set BRIDGE_TEST_DATABASE_URL');

let nextPhone = 14_155_550_000;

const name = `bridge_bench_${randomBytes(4).toString('hex')}`;
const databaseUrl = new URL(adminUrl);
databaseUrl.pathname = `/${name}`;
const admin = new pg.Client({ connectionString: adminUrl });

async function call<T>(url: string, method = 'GET', body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

const DEADLINE_MS = 60_000;

async function until(what: string, probe: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${DEADLINE_MS / 1_000} s`);
    await wait(50);
  }
}

const openCount = async (bridge: Running) => {
  const { instances } = await call<{ instances: { state: string }[] }>(`${bridge.url}/instances`);
  return instances.filter(({ state }) => state === 'open').length;
};

async function pair(bridge: Running, fake: Running, index: number): Promise<void> {
  const url = `${bridge.url}/instances/number-${index}`;
  await call(url, 'POST');
  let qr: string | null = null;
  await until(
    `QR code of ${index}`,
    async () => (qr = (await call<{ qr: string | null }>(`${url}/qr`)).qr) !== null,
  );
  await call(`${fake.url}/admin/scan`, 'POST', { qr, jid: String(5_511_900_000_000 + index) });
  await until(`number ${index} open`, async () => (await call<{ state: string }>(url)).state === 'open');
}

/** Milliseconds that `total` lookups took, spread over all numbers, `parallel` at a time. */
async function lookUp(bridge: Running, total: number, parallel: number): Promise<number[]> {
  const queue = new PQueue({ concurrency: parallel });
  const tasks = Array.from({ length: total }, (_, index) => async () => {
    const startedAt = performance.now();
    const answer = await call<{ status: string }>(
      `${bridge.url}/instances/number-${index % count}/profile-picture?phone=${nextPhone++}`,
    );
    if (answer.status !== 'not_set') throw new Error(`unexpected answer: ${JSON.stringify(answer)}`);
    return performance.now() - startedAt;
  });
  return queue.addAll(tasks);
}

async function heapMegabytes(bridge: Running): Promise<string> {
  const metrics = await (await fetch(`${bridge.url}/metrics`)).text();
  const bytes = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(metrics)?.[1]);
  return (bytes / 1024 / 1024).toFixed(0);
}

async function main(): Promise<void> {
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const fake = await start('fake-whatsapp/main.js', { FAKE_WHATSAPP_PORT: '0' }, 'httpUrl');
  const { publicKey } = await call<{ publicKey: string }>(`${fake.url}/admin/root-key`);
  const environment = {
    BRIDGE_MODE: 'local',
    BRIDGE_PORT: '0',
    BRIDGE_TOKENS: TOKEN,
    BRIDGE_DATABASE_URL: databaseUrl.href,
    WHATSAPP_WEB_SOCKET_URL: `${fake.url.replace('http', 'ws')}/ws/chat`,
    WHATSAPP_ROOT_PUBLIC_KEY: publicKey,
  };
  const startBridge = () => start('src/main.js', environment, 'url');
  const say = (what: string, value: string) => process.stdout.write(`${what.padEnd(46)} ${value}\n`);

  let bridge = await startBridge();
  await wait(2_000);
  const empty = bridge.residentMegabytes();
  const pairing = new PQueue({ concurrency: 4 });
  const pairingStarted = performance.now();
  await pairing.addAll(Array.from({ length: count }, (_, index) => () => pair(bridge, fake, index)));
  say(`pairing ${count} numbers`, `${((performance.now() - pairingStarted) / 1_000).toFixed(1)} s`);
  say('memory right after pairing', `${bridge.residentMegabytes().toFixed(0)} MB`);

  await bridge.stop();
  const restoreStarted = performance.now();
  bridge = await startBridge();
  await until('all open', async () => (await openCount(bridge)) === count);
  say(
    `restart until all ${count} are open`,
    `${((performance.now() - restoreStarted) / 1_000).toFixed(1)} s`,
  );
  await wait(35_000);
  const full = bridge.residentMegabytes();
  say('memory of the process with no number', `${empty.toFixed(0)} MB`);
  say(`memory of the process with ${count} open numbers`, `${full.toFixed(0)} MB`);
  say('memory per number', `${((full - empty) / count).toFixed(2)} MB`);

  const times = await lookUp(bridge, 2_000, 20);
  say(
    '2,000 lookups over all numbers, 20 at a time',
    `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
  );
  say(
    'memory after them',
    `${bridge.residentMegabytes().toFixed(0)} MB, ${await heapMegabytes(bridge)} MB of it heap in use`,
  );
  await lookUp(bridge, 4_000, 20);
  say(
    'memory after 4,000 more',
    `${bridge.residentMegabytes().toFixed(0)} MB, ${await heapMegabytes(bridge)} MB of it heap in use`,
  );
  say('still open', `${await openCount(bridge)} of ${count}`);

  await bridge.stop();
  await fake.stop();
}

main()
  .finally(() => admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`).finally(() => admin.end()))
  .catch((err: unknown) => {
    process.stderr.write(`${String(err)}\n`);
    process.exit(1);
  });
