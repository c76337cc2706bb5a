// (c) The latency from POST to the lead's row: at rest, and at half of the load that the whole chain can take.
import { KEY, ports } from '../lib/arena.mjs';
import { watchProcessors } from '../lib/cpu.mjs';
import { closedLoop, deliver, openLoop, post } from '../lib/http-load.mjs';
import { databaseClock, reset, seedLeads, settleDown, untilAllHavePhotos } from '../lib/leads.mjs';
import { median, medianOf, percentile, round } from '../lib/statistics.mjs';

const AT_REST = 300;
const FULL = 20_000;
// Explained in drain.mjs.
const WARM_UPS = 3;
const HALF_SECONDS = 20;
const CONNECTIONS = 64;
const PATIENCE_SECONDS = 120;

// The commit that sets the URL sends the notification, so it arrives at the time when other sessions can see the row.
const TELL = `
  CREATE OR REPLACE FUNCTION public.bench_tell() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM pg_notify('bench_lead', NEW.id::text); RETURN NULL; END $$;
  CREATE OR REPLACE TRIGGER bench_tell AFTER UPDATE OF profile_pic_url ON public.leads FOR EACH ROW EXECUTE FUNCTION public.bench_tell()`;
const TELL_NO_MORE = 'DROP TRIGGER IF EXISTS bench_tell ON public.leads; DROP FUNCTION IF EXISTS public.bench_tell()';

const event = ({ id, phone }) => post('/profile-pics', { lead_id: id, phone, instance_id: 'bench' }, KEY);

/** Measures the latency from `due` to the lead's row with LISTEN. */
async function watchLeads(arena) {
  const listener = await arena.connect();
  await listener.query('LISTEN bench_lead');
  const due = new Map();
  const latencies = [];
  let wake = () => {};
  listener.on('notification', ({ payload }) => {
    const since = due.get(payload);
    if (since === undefined) return;
    due.delete(payload);
    latencies.push(performance.now() - since);
    wake();
  });
  return {
    latencies,
    posted: (leadId, at) => due.set(leadId, at),
    /** Waits until `count` leads were seen. */
    async seen(count) {
      const deadline = Date.now() + PATIENCE_SECONDS * 1000;
      while (latencies.length < count) {
        if (Date.now() > deadline) throw new Error(`${count - latencies.length} of ${count} leads were not updated in time`);
        await new Promise((done) => {
          wake = done;
          setTimeout(done, 1000);
        });
      }
    },
    close: () => listener.end(),
  };
}

async function atRest(arena, db, count) {
  const leads = await seedLeads(db, count);
  const watch = await watchLeads(arena);
  for (const [index, lead] of leads.entries()) {
    watch.posted(lead.id, performance.now());
    await closedLoop({ port: ports.receiver, connections: 1, requests: [event(lead)] });
    await watch.seen(index + 1);
    // A random pause, so that no request is in step with a poll.
    await new Promise((done) => setTimeout(done, 10 + Math.random() * 40));
  }
  await watch.close();
  return watch.latencies;
}

/**
 * Posts as fast as 64 connections allow. This is the load that the whole chain can take; the slower half of the chain
 * is the consumer.
 */
async function fullLoad(arena, db, count) {
  const leads = await seedLeads(db, count);
  const start = await databaseClock(db);
  await deliver({ port: ports.receiver, connections: CONNECTIONS, requests: leads.map(event) });
  return count / (await untilAllHavePhotos(db, start, { seconds: PATIENCE_SECONDS }));
}

async function halfLoad(arena, db, perSecond, groups) {
  const leads = await seedLeads(db, Math.round(perSecond * HALF_SECONDS));
  const watch = await watchLeads(arena);
  const cpu = watchProcessors(groups);
  const run = await openLoop({
    port: ports.receiver, connections: CONNECTIONS, requests: leads.map(event), perSecond, onDue: (index, at) => watch.posted(leads[index].id, at),
  });
  if (run.rejected.length > 0) throw new Error(`at half load events were rejected: ${JSON.stringify(run.statuses)}`);
  await watch.seen(leads.length);
  const used = cpu();
  await watch.close();
  return { latencies: watch.latencies, posts: run.latencies, cpu: used };
}

async function measure(arena, db, bridge, scale) {
  const processes = arena.group();
  try {
    await reset(db);
    const receiver = arena.receiver(processes);
    const worker = arena.worker(processes);
    await processes.healthy(receiver, arena.receiverReady);
    await processes.healthy(worker, arena.workerReady());
    const groups = { receiver: [receiver.child.pid], worker: [worker.child.pid], postgres: [arena.postmaster()], bridge: [bridge.child.pid] };
    const fresh = async () => {
      await reset(db);
      await settleDown(db);
    };
    for (let warmUp = 0; warmUp < WARM_UPS; warmUp++) {
      await fullLoad(arena, db, scale(FULL));
      await fresh();
    }
    const full = await fullLoad(arena, db, scale(FULL));
    await db.query(TELL);
    await fresh();
    const rest = await atRest(arena, db, scale(AT_REST));
    await fresh();
    const half = await halfLoad(arena, db, full / 2, groups);
    return {
      full_per_second: full, half_per_second: full / 2,
      rest_p50_ms: percentile(rest, 0.5), rest_p99_ms: percentile(rest, 0.99),
      half_p50_ms: percentile(half.latencies, 0.5), half_p99_ms: percentile(half.latencies, 0.99),
      half_post_p50_ms: percentile(half.posts, 0.5), half_post_p99_ms: percentile(half.posts, 0.99),
      others: half.cpu.others ?? NaN,
      cpu: half.cpu,
    };
  } finally {
    await db.query(TELL_NO_MORE);
    await processes.stopAll();
  }
}

export async function latency(arena, { rounds, scale }) {
  const db = await arena.connect();
  const processes = arena.group();
  const runs = [];
  try {
    const bridge = await arena.bridge(processes);
    for (let round = 0; round < rounds; round++) runs.push(await measure(arena, db, bridge, scale));
  } finally {
    await db.end();
    await processes.stopAll();
  }
  const data = { ...medianOf(runs), runs };
  return {
    title: `From POST to the lead's row, instant bridge (median of ${rounds})`,
    columns: ['load', 'events/s', 'p50 ms', 'p99 ms', 'answer p50 ms', 'answer p99 ms', 'CPU others'],
    rows: [
      ['at rest, one at a time', '-', round(data.rest_p50_ms), round(data.rest_p99_ms), '-', '-', '-'],
      ['half of full', round(data.half_per_second), round(data.half_p50_ms), round(data.half_p99_ms), round(data.half_post_p50_ms), round(data.half_post_p99_ms), round(median(runs.map((run) => run.others)))],
      ['full (64 connections)', round(data.full_per_second), '-', '-', '-', '-', '-'],
    ],
    notes: ['Seen by LISTEN on a trigger of the lead table, which arrives with the commit: resolution about 1 ms, the notification included.'],
    data,
    aims: [
      { what: 'POST to lead, p50 at rest', aim: '<= 10 ms', got: `${round(data.rest_p50_ms)} ms`, met: data.rest_p50_ms <= 10 },
      { what: 'POST to lead, p99 at half load', aim: '<= 30 ms', got: `${round(data.half_p99_ms)} ms`, met: data.half_p99_ms <= 30 },
    ],
  };
}
