// (b) The rate at which a full queue is drained, against the bare HTTP calls, the bare queue, and rivals with the same handler.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { watchProcessors } from '../lib/cpu.mjs';
import { drainOnce, enqueueRequests } from '../lib/drain-run.mjs';
import { closedLoop, get } from '../lib/http-load.mjs';
import { ports } from '../lib/arena.mjs';
import { reset, settleDown } from '../lib/leads.mjs';
import { median, medianOf, round } from '../lib/statistics.mjs';

const COUNT = 20_000;
const CONCURRENCY = 64;
const BATCH = 50;
// Enough runs to compile the hot code: after a third of them, Java's compilers still use a fifth of the processors.
const WARM_UPS = 3;
// For each message, these handlers make one lookup, one download and one update of a lead.
const SAME_HANDLER = ['pg-boss', 'graphile-worker'];

const PG_BOSS_INSERT = `
  INSERT INTO pgboss.job (name, data, policy, expire_in)
  SELECT 'pictures', d, 'standard', interval '15 minutes' FROM jsonb_array_elements($1::jsonb) AS d`;
const GRAPHILE_INSERT = `
  SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
    SELECT ('picture', d::json, NULL, NULL, NULL, NULL, NULL, NULL)::graphile_worker.job_spec FROM jsonb_array_elements($1::jsonb) AS d))`;
const payloads = (leads) => JSON.stringify(leads.map(({ id, phone }) => ({ lead_id: id, phone })));

const pgBoss = (arena, env) => ({
  async start(processes) {
    const entry = arena.rival(processes, 'pg-boss', env);
    await processes.said(entry, 'is ready');
    return entry;
  },
  enqueue: (db, leads) => db.query(PG_BOSS_INSERT, [payloads(leads)]),
});

/** The consumers. `start` resolves when the process consumes, and `enqueue` fills its queue. */
const consumers = (arena) => ({
  worker: {
    async start(processes) {
      const entry = arena.worker(processes);
      await processes.healthy(entry, arena.workerReady());
      return entry;
    },
    enqueue: enqueueRequests,
  },
  'pg-boss': pgBoss(arena, {}),
  'pg-boss, leads by batch': pgBoss(arena, { LEADS: 'batch' }),
  'graphile-worker': {
    async start(processes) {
      const entry = arena.rival(processes, 'graphile-worker');
      await processes.said(entry, 'is ready');
      return entry;
    },
    enqueue: (db, leads) => db.query(GRAPHILE_INSERT, [payloads(leads)]),
  },
});

/** Warms a new process up with several times as many messages as are measured, then measures. */
async function measureConsumer(arena, db, consumer, bridge, count) {
  const processes = arena.group();
  try {
    const entry = await consumer.start(processes);
    const giveUp = () => {
      if (entry.ended) throw new Error(`${entry.name} ended (${entry.ended}); see ${processes.logOf(entry.name)}`);
    };
    const groups = { consumer: [entry.child.pid], postgres: [arena.postmaster()], bridge: [bridge.child.pid] };
    const run = () => drainOnce({ db, count, enqueue: consumer.enqueue, groups, giveUp });
    for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) await run();
    return await run();
  } finally {
    await processes.stopAll();
  }
}

async function measureBareLoop(arena, libraries, count) {
  const processes = arena.group();
  try {
    const entry = processes.start('bare-loop', 'java', [
      '-Xmx384m', '-XX:+ExitOnOutOfMemoryError', '-cp', libraries, join(arena.root, 'bench/java/BareLoop.java'), arena.bridgeUrl, String(CONCURRENCY), String(WARM_UPS * count), String(count),
    ]);
    await processes.finished(entry);
    const [, rate, cpu] = /rate ([\d.]+) cpu ([\d.]+)/.exec(readFileSync(processes.logOf('bare-loop'), 'utf8'));
    return { rate: Number(rate), cpu_ms_per_message: Number(cpu) };
  } finally {
    await processes.stopAll();
  }
}

/** Measures PGMQ alone: pgbench reads and deletes in batches. */
async function measureBareQueue(arena, db, count) {
  await reset(db);
  await db.query('SELECT pgmq.create($1)', ['bench_batches']);
  await db.query(`SELECT count(*) FROM pgmq.send_batch('bench_batches', ARRAY(
    SELECT jsonb_build_object('lead_id', gen_random_uuid(), 'phone', (5562991000000 + n)::text) FROM generate_series(1, $1) AS n))`, [count]);
  await settleDown(db);
  const clients = 4;
  const transactions = Math.floor(count / BATCH / clients);
  const processors = watchProcessors({ postgres: [arena.postmaster()] });
  const output = execFileSync('pgbench', [
    '--no-vacuum', '--client', String(clients), '--jobs', '1', '--transactions', String(transactions),
    '--file', join(arena.root, 'bench/read-delete.pgbench.sql'), '--define', `batch=${BATCH}`, arena.databaseUrl,
  ], { encoding: 'utf8' });
  const cpu = processors();
  return { rate: Number(/tps = ([\d.]+)/.exec(output)[1]) * BATCH, cpu };
}

const hasPgbench = () => {
  try {
    execFileSync('pgbench', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

async function bridgeCeiling() {
  const requests = Array.from({ length: 20_000 }, (_, n) => get(`/instances/bench/profile-picture?phone=${5562991000000 + n}`));
  await closedLoop({ port: ports.bridge, connections: CONCURRENCY, requests });
  const { seconds } = await closedLoop({ port: ports.bridge, connections: CONCURRENCY, requests });
  return requests.length / seconds;
}

const share = (cpu, name) => (cpu?.[name] === undefined ? '-' : round(cpu[name]).toFixed(2));

export async function drain(arena, { rounds, scale }) {
  const db = await arena.connect();
  const processes = arena.group();
  const runs = {};
  try {
    const bridge = await arena.bridge(processes);
    const libraries = arena.libraries('worker-service');
    const ceiling = await bridgeCeiling();
    const systems = consumers(arena);
    for (let round = 0; round < rounds; round++) {
      const keep = async (name, measure) => (runs[name] ??= []).push(await measure());
      for (const [name, consumer] of Object.entries(systems)) {
        await keep(name, () => measureConsumer(arena, db, consumer, bridge, scale(COUNT)));
      }
      await keep('bare loop', () => measureBareLoop(arena, libraries, scale(COUNT)));
      if (hasPgbench()) await keep('bare queue', () => measureBareQueue(arena, db, scale(COUNT)));
    }
    return report(runs, ceiling, scale(COUNT), rounds);
  } finally {
    await db.end();
    await processes.stopAll();
  }
}

function report(runs, ceiling, count, rounds) {
  const data = Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, { ...medianOf(all), runs: all }]));
  const ours = data.worker.rate;
  const bestRival = (names) => ours / Math.max(...names.map((name) => data[name].rate));
  const sameHandler = bestRival(SAME_HANDLER);
  const any = bestRival([...SAME_HANDLER, 'pg-boss, leads by batch']);
  const trips = data.worker.transactions_per_message;
  const spent = (d) => d.cpu_ms_per_message ?? NaN;
  const cpu = (all, name) => share(Object.fromEntries([[name, median(all.map((run) => run.cpu?.[name] ?? NaN))]]), name);
  return {
    title: `Drain: ${count} messages, instant bridge, 3 KB pictures (median of ${rounds})`,
    columns: ['system', 'messages/s', 'of ours', 'transactions/message', 'CPU ms/message', 'CPU consumer', 'CPU postgres', 'CPU bridge', 'CPU others'],
    rows: Object.entries(data).map(([name, d]) => [
      name, round(d.rate), `${round((100 * d.rate) / ours)} %`, d.transactions_per_message === undefined ? '-' : round(d.transactions_per_message), round(spent(d)),
      cpu(d.runs, 'consumer'), cpu(d.runs, 'postgres'), cpu(d.runs, 'bridge'), cpu(d.runs, 'others'),
    ]),
    notes: [`The bridge alone answers ${round(ceiling)} lookups/s to the load generator. CPU in processors of this machine; per message: consumer and Postgres.`],
    data: { ...data, bridge_ceiling_per_second: ceiling },
    aims: [
      { what: 'drain against the best rival with the same handler', aim: '>= 2.5 x', got: `${round(sameHandler)} x`, met: sameHandler >= 2.5 },
      { what: 'drain against a rival whose handler tells leads by the batch', aim: '>= 1.3 x', got: `${round(any)} x`, met: any >= 1.3 },
      { what: 'drain against the bare loop', aim: '>= 70 %', got: `${round((100 * ours) / data['bare loop'].rate)} %`, met: ours >= 0.7 * data['bare loop'].rate },
      { what: 'round trips to Postgres per message', aim: '<= 0.1', got: String(round(trips)), met: trips <= 0.1 },
    ],
  };
}
