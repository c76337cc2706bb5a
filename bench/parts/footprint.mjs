// (f) The time from start to readiness, and the memory after start and after load, of each service.
import { pause } from '../../bin/lib/processes.mjs';
import { KEY, ports } from '../lib/arena.mjs';
import { residentMegabytes } from '../lib/cpu.mjs';
import { closedLoop, deliver, get, post } from '../lib/http-load.mjs';
import { databaseClock, reset, seedLeads, untilAllHavePhotos } from '../lib/leads.mjs';
import { medianOf, round } from '../lib/statistics.mjs';
import { BRIDGE, TOKEN, contacts, fakeWhatsApp, pair, startBridge } from '../lib/whatsapp.mjs';

const EVENTS = 5_000;
const LOOKUPS = 2_000;
const IDLE_MS = 3_000;
const AIM_MB = 420;
const AIM_SECONDS = 1.5;


/** Returns the seconds until the URL answers 2xx; it is polled every few milliseconds. */
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

/** Measures the real bridge with one instance, against the fake WhatsApp. */
async function bridge(arena, round, count) {
  const processes = arena.group();
  const instance = `bench-${round}`;
  try {
    const publicKey = await fakeWhatsApp(arena, processes);
    const { entry, seconds } = await secondsUntilReady(() => startBridge(arena, processes, instance, publicKey), `${BRIDGE}/health`);
    await pair(instance);
    await pause(IDLE_MS);
    const idle = residentMegabytes(entry.child.pid);
    const phones = Array.from({ length: count }, (_, n) => String(5562991000000 + n));
    await contacts(phones.map((phone) => ({ phone, picture: 'set' })));
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
  const resident = data.receiver.loaded_mb + data.worker.loaded_mb;
  const slowest = Math.max(data.receiver.start_seconds, data.worker.start_seconds);
  return {
    title: `Start-up and memory (median of ${rounds})`,
    columns: ['service', 'ready after s', 'MB after start', 'MB after load'],
    rows: Object.entries(data).map(([name, d]) => [name, round(d.start_seconds), round(d.idle_mb), round(d.loaded_mb)]),
    notes: [
      `Services: as bin/up starts them (bin/lib/services.mjs), ${scale(EVENTS)} events. Bridge: one paired number, ${scale(LOOKUPS)} lookups at the fake WhatsApp, ${round(data.bridge.lookups_per_second)}/s.`,
    ],
    aims: [
      { what: 'receiver and worker, resident after load', aim: `<= ${AIM_MB} MB`, got: `${round(resident)} MB`, met: resident <= AIM_MB },
      { what: 'either is ready', aim: `<= ${AIM_SECONDS} s`, got: `${round(slowest)} s`, met: slowest <= AIM_SECONDS },
    ],
    data,
  };
}
