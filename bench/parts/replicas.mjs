// (e) The gain from a second and a fourth worker when the bridge takes 50 ms for each lookup.
import { drainOnce, enqueueRequests } from '../lib/drain-run.mjs';
import { median, medianOf, round } from '../lib/statistics.mjs';

const REPLICAS = [1, 2, 4];
const COUNT = 20_000;
const DELAY_MS = 50;

async function measure(arena, db, bridge, replicas, count) {
  const processes = arena.group();
  try {
    const workers = Array.from({ length: replicas }, (_, replica) => arena.worker(processes, replica));
    for (const [replica, worker] of workers.entries()) await processes.healthy(worker, arena.workerReady(replica));
    const groups = { consumer: workers.map((worker) => worker.child.pid), postgres: [arena.postmaster()], bridge: [bridge.child.pid] };
    const run = () => drainOnce({ db, count, enqueue: enqueueRequests, groups });
    // One warm-up per replica, so that every process has handled the same number of messages before the measured run.
    for (let warmUp = 0; warmUp < replicas; warmUp++) await run();
    return await run();
  } finally {
    await processes.stopAll();
  }
}

export async function replicas(arena, { rounds, scale }) {
  const db = await arena.connect();
  const processes = arena.group();
  const runs = {};
  try {
    const bridge = await arena.bridge(processes, DELAY_MS);
    for (let round = 0; round < rounds; round++) {
      for (const number of REPLICAS) (runs[number] ??= []).push(await measure(arena, db, bridge, number, scale(COUNT)));
    }
  } finally {
    await db.end();
    await processes.stopAll();
  }
  const data = Object.fromEntries(Object.entries(runs).map(([number, list]) => [number, { ...medianOf(list), runs: list }]));
  const most = REPLICAS.at(-1);
  const gain = data[most].rate / data[1].rate;
  const cpu = (list, name) => round(median(list.map((run) => run.cpu[name] ?? NaN)));
  return {
    title: `Replicas: ${scale(COUNT)} messages, lookups of ${DELAY_MS} ms (median of ${rounds})`,
    columns: ['replicas', 'messages/s', 'of one', 'transactions/message', 'CPU workers', 'CPU postgres', 'CPU others'],
    rows: REPLICAS.map((number) => [
      number, round(data[number].rate), `${round(data[number].rate / data[1].rate)} x`, round(data[number].transactions_per_message),
      cpu(data[number].runs, 'consumer'), cpu(data[number].runs, 'postgres'), cpu(data[number].runs, 'others'),
    ]),
    notes: [`One replica runs 128 messages at once (the default), so it can do ${round((128 * 1000) / DELAY_MS)}/s at the most.`],
    data,
    aims: [{ what: `${most} replicas against one`, aim: '>= 1.4 x', got: `${round(gain)} x`, met: gain >= 1.4 }],
  };
}
