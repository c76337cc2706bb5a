// (a) The rate at which events are accepted: the receiver with key, validation and dedupe, against its web server alone and a plain Node handler.
import { join } from 'node:path';
import { KEY, ports } from '../lib/arena.mjs';
import { watchProcessors } from '../lib/cpu.mjs';
import { closedLoop, deliver, post } from '../lib/http-load.mjs';
import { reset, seedLeads, settleDown } from '../lib/leads.mjs';
import { median, medianOf, percentile, round } from '../lib/statistics.mjs';

const COUNT = 30_000;
const CONNECTIONS = 64;
// Explained in drain.mjs.
const WARM_UPS = 2;
const AIM_MS = 0.1;

const systems = (arena, libraries) => ({
  receiver: {
    port: ports.receiver,
    async start(processes) {
      const entry = arena.receiver(processes);
      await processes.healthy(entry, arena.receiverReady);
      return entry;
    },
    kept: 'pgmq.q_profile_pic_queue',
  },
  'node + pgmq.send': {
    port: ports.rival,
    async start(processes) {
      const entry = arena.rival(processes, 'pgmq-send');
      await processes.said(entry, 'is ready');
      return entry;
    },
    kept: 'pgmq.q_bench_send',
  },
  'bare 202': {
    port: ports.rival,
    async start(processes) {
      const entry = processes.start('bare-endpoint', 'java', ['-Xmx384m', '-XX:+ExitOnOutOfMemoryError', '-cp', libraries, join(arena.root, 'bench/java/BareEndpoint.java'), String(ports.rival)]);
      await processes.said(entry, 'is ready');
      return entry;
    },
  },
});

/** Creates one event for each existing lead, so that every event must become a message. */
const events = (leads) => leads.map(({ id, phone }) => post('/profile-pics', { lead_id: id, phone, instance_id: 'bench', profile_pic_url: null }, KEY));

/** Fails unless every event that was answered 202 is in the queue: otherwise the figure is useless. */
async function requireKept(db, table, expected) {
  const { rows: [{ kept }] } = await db.query(`SELECT count(*)::int AS kept FROM ${table}`);
  if (kept !== expected) throw new Error(`${expected} events were answered 202, ${kept} are in the queue`);
}

async function measure(arena, db, system, count) {
  const processes = arena.group();
  try {
    await reset(db);
    const entry = await system.start(processes);
    const leads = await seedLeads(db, (WARM_UPS + 1) * count);
    await deliver({ port: system.port, connections: CONNECTIONS, requests: events(leads.slice(0, WARM_UPS * count)) });
    await settleDown(db);
    const cpu = watchProcessors({ server: [entry.child.pid], postgres: [arena.postmaster()] });
    const run = await closedLoop({ port: system.port, connections: CONNECTIONS, requests: events(leads.slice(WARM_UPS * count)) });
    const used = cpu();
    const accepted = run.statuses[202] ?? 0;
    if (system.kept) await requireKept(db, system.kept, WARM_UPS * count + accepted);
    return {
      rate: accepted / run.seconds, rejected: count - accepted,
      p50_ms: percentile(run.latencies, 0.5), p99_ms: percentile(run.latencies, 0.99),
      cpu_ms_per_event: (1000 * run.seconds * (used.server + used.postgres)) / count, cpu: used,
    };
  } finally {
    await processes.stopAll();
  }
}

export async function ingest(arena, { rounds, scale }) {
  const db = await arena.connect();
  const runs = {};
  try {
    await db.query(`SELECT pgmq.create('bench_send') WHERE to_regclass('pgmq.q_bench_send') IS NULL`);
    const all = systems(arena, arena.libraries('receiver-service'));
    for (let round = 0; round < rounds; round++) {
      for (const [name, system] of Object.entries(all)) (runs[name] ??= []).push(await measure(arena, db, system, scale(COUNT)));
    }
  } finally {
    await db.end();
  }
  const data = Object.fromEntries(Object.entries(runs).map(([name, list]) => [name, { ...medianOf(list), runs: list }]));
  const cpu = (list, name) => round(median(list.map((run) => run.cpu[name] ?? NaN)));
  const plain = data['node + pgmq.send'];
  const ratio = data.receiver.rate / plain.rate;
  const tail = data.receiver.p99_ms / plain.p99_ms;
  return {
    title: `Ingest: ${scale(COUNT)} events over ${CONNECTIONS} connections (median of ${rounds})`,
    columns: ['system', 'req/s', 'of ours', 'p50 ms', 'p99 ms', 'rejected', 'CPU ms/event', 'CPU server', 'CPU postgres', 'CPU generator', 'CPU others'],
    rows: Object.entries(data).map(([name, d]) => [
      name, round(d.rate), `${round((100 * d.rate) / data.receiver.rate)} %`, round(d.p50_ms), round(d.p99_ms), d.rejected, round(d.cpu_ms_per_event),
      cpu(d.runs, 'server'), cpu(d.runs, 'postgres'), cpu(d.runs, 'generator'), cpu(d.runs, 'others'),
    ]),
    data,
    aims: [
      { what: 'ingest against Node + pgmq.send', aim: '>= 1.5 x', got: `${round(ratio)} x`, met: ratio >= 1.5 },
      { what: 'ingest p99 against the same', aim: '<= 1 x', got: `${round(tail)} x`, met: tail <= 1 },
      { what: 'processors for an event, receiver and PostgreSQL', aim: `<= ${AIM_MS} ms`, got: `${round(data.receiver.cpu_ms_per_event)} ms`, met: data.receiver.cpu_ms_per_event <= AIM_MS },
    ],
  };
}
