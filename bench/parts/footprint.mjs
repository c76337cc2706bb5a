// (f) From start to readiness, and memory after start and after load, of each service.
import { join } from 'node:path';
import { KEY, ports } from '../lib/arena.mjs';
import { residentMegabytes } from '../lib/cpu.mjs';
import { closedLoop, deliver, get, post } from '../lib/http-load.mjs';
import { databaseClock, reset, seedLeads, untilAllHavePhotos } from '../lib/leads.mjs';
import { medianOf, round } from '../lib/statistics.mjs';

const EVENTS = 20_000;
const LOOKUPS = 2_000;
const IDLE_MS = 3_000;
const TOKEN = 'local-bridge-token';
const BRIDGE = `http://127.0.0.1:${ports['baileys bridge']}`;
const FAKE_WHATSAPP = `http://127.0.0.1:${ports['fake WhatsApp']}`;
const NUMBER = '5511900000009';

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Seconds until the url answers 2xx, asked every few milliseconds. */
async function secondsUntilReady(start, url) {
  const begin = performance.now();
  const entry = start();
  while (!(await fetch(url).then((answer) => answer.ok, () => false))) {
    if (entry.ended) throw new Error(`${entry.name} ended (${entry.ended})`);
    if (performance.now() - begin > 120_000) throw new Error(`${entry.name} was not ready within 120 s`);
    await pause(10);
  }
  return { entry, seconds: (performance.now() - begin) / 1000 };
}

async function services(arena, db, count) {
  const processes = arena.group();
  try {
    await reset(db);
    await arena.bridge(processes);
    const receiver = await secondsUntilReady(() => arena.receiver(processes), arena.receiverReady);
    const worker = await secondsUntilReady(() => arena.worker(processes), arena.workerReady());
    await pause(IDLE_MS);
    const memory = () => ({ receiver: residentMegabytes(receiver.entry.child.pid), worker: residentMegabytes(worker.entry.child.pid) });
    const idle = memory();
    const leads = await seedLeads(db, count);
    const clock = await databaseClock(db);
    await deliver({ port: ports.receiver, connections: 64, requests: leads.map(({ id, phone }) => post('/profile-pics', { lead_id: id, phone, instance_id: 'bench' }, KEY)) });
    await untilAllHavePhotos(db, clock, { seconds: 300 });
    const loaded = memory();
    return Object.fromEntries(Object.entries({ receiver, worker }).map(([name, { seconds }]) => [
      name, { start_seconds: seconds, idle_mb: idle[name], loaded_mb: loaded[name] },
    ]));
  } finally {
    await processes.stopAll();
  }
}

const asked = async (url, init = {}) => (await fetch(url, { ...init, headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...init.headers } })).json();

/** Lets the fake WhatsApp's phone scan the bridge's QR code. */
async function pair(instance) {
  const deadline = performance.now() + 60_000;
  let scanned = '';
  while (performance.now() < deadline) {
    const { state, qr } = await asked(`${BRIDGE}/instances/${instance}/qr?format=json`);
    if (state === 'open') return;
    if (qr && qr !== scanned) {
      scanned = qr;
      await fetch(`${FAKE_WHATSAPP}/admin/scan`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ qr, jid: NUMBER }) });
    }
    await pause(100);
  }
  throw new Error(`the instance ${instance} was not paired within 60 s`);
}

/** The real bridge with one number, against the fake WhatsApp. */
async function bridge(arena, round, count) {
  const processes = arena.group();
  const dist = (script) => join(arena.root, 'baileys-bridge/dist', script);
  const instance = `bench-${round}`;
  try {
    const fake = processes.start('fake-whatsapp', 'node', [dist('fake-whatsapp/main.js')], {
      FAKE_WHATSAPP_PORT: String(ports['fake WhatsApp']), FAKE_WHATSAPP_STATE_DIR: join(arena.directory, 'fake-whatsapp'),
    });
    await processes.healthy(fake, `${FAKE_WHATSAPP}/health`);
    const { publicKey } = await asked(`${FAKE_WHATSAPP}/admin/root-key`);
    const { entry, seconds } = await secondsUntilReady(() => processes.start('bridge', 'node', [dist('src/main.js')], {
      BRIDGE_MODE: 'local', BRIDGE_PORT: String(ports['baileys bridge']), BRIDGE_TOKENS: TOKEN, BRIDGE_DATABASE_URL: arena.databaseUrl,
      BRIDGE_INSTANCES: instance, BRIDGE_LOOKUPS_PER_MINUTE: '60000', BRIDGE_LOG_LEVEL: 'warn',
      WHATSAPP_WEB_SOCKET_URL: `ws://127.0.0.1:${ports['fake WhatsApp']}/ws/chat`, WHATSAPP_ROOT_PUBLIC_KEY: publicKey,
    }), `${BRIDGE}/health`);
    await pair(instance);
    await pause(IDLE_MS);
    const idle = residentMegabytes(entry.child.pid);
    const phones = Array.from({ length: count }, (_, n) => String(5562991000000 + n));
    await asked(`${FAKE_WHATSAPP}/admin/contacts`, { method: 'PUT', body: JSON.stringify({ contacts: phones.map((phone) => ({ phone, picture: 'set' })) }) });
    const run = await closedLoop({
      port: ports['baileys bridge'], connections: 8,
      requests: phones.map((phone) => get(`/instances/${instance}/profile-picture?phone=${phone}&type=image`, { authorization: `Bearer ${TOKEN}` })),
    });
    if (run.rejected.length > 0) throw new Error(`the bridge rejected lookups: ${JSON.stringify(run.statuses)}`);
    return { start_seconds: seconds, idle_mb: idle, loaded_mb: residentMegabytes(entry.child.pid), lookups_per_second: count / run.seconds };
  } finally {
    await processes.stopAll();
  }
}

export async function footprint(arena, { rounds, scale }) {
  const db = await arena.connect();
  const runs = { receiver: [], worker: [], bridge: [] };
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const [name, run] of Object.entries(await services(arena, db, scale(EVENTS)))) runs[name].push(run);
      runs.bridge.push(await bridge(arena, round, scale(LOOKUPS)));
    }
  } finally {
    await db.end();
  }
  const data = Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, { ...medianOf(list), runs: list }]));
  return {
    title: `Start-up and memory (median of ${rounds})`,
    columns: ['service', 'ready after s', 'MB after start', 'MB after load'],
    rows: Object.entries(data).map(([name, d]) => [name, round(d.start_seconds), round(d.idle_mb), round(d.loaded_mb)]),
    notes: [
      `Services: plain jar, -Xmx384m, ${scale(EVENTS)} events. Bridge: one paired number, ${scale(LOOKUPS)} lookups at the fake WhatsApp, ${round(data.bridge.lookups_per_second)}/s.`,
    ],
    data,
  };
}
