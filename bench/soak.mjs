// Called by bin/soak when everything is built: sends mixed traffic at a fifth of the load that the machine can take, and compares the
// resources at rest before and after.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause } from '../bin/lib/processes.mjs';
import { KEY, openArena, ports } from './lib/arena.mjs';
import { get, openLoop, post } from './lib/http-load.mjs';
import { learnPhones, reset, seedLeads } from './lib/leads.mjs';
import { atRest, grown } from './lib/rest.mjs';
import { percentile, round } from './lib/statistics.mjs';

// The full load of bin/bench's latency part is about 2,000 events/s, from POST to the lead's row.
const PER_SECOND = 400;
const LEADS = 20_000;
const WARM_UP_SHARE = 0.15;
const PART_SECONDS = 20;
const SETTLING_SECONDS = 120;
const CHURN = 200;

const minutes = Number(process.argv[2] ?? 60);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const any = (list) => list[Math.floor(Math.random() * list.length)];

const message = ({ phone }, n) => ({
  event: 'messages.upsert', instance: 'bench',
  data: { key: { remoteJid: `${phone}@s.whatsapp.net`, fromMe: false, id: `soak-${Date.now()}-${n}` }, pushName: 'Maria', messageType: 'conversation', message: { conversation: 'oi' } },
});

/** The kinds of traffic, each with its share in percent. */
const TRAFFIC = [
  [45, (leads) => { const { id, phone } = any(leads); return post('/profile-pics', { lead_id: id, phone, instance_id: 'bench', force_update: true }, KEY); }],
  [25, (leads) => { const { id, phone } = any(leads); return post('/profile-pics', { lead_id: id, phone, instance_id: 'bench' }, KEY); }],
  [15, (leads, n) => post('/webhooks/evolution', message(any(leads), n), KEY)],
  [4, (leads) => post('/profile-pics', { lead_id: any(leads).id, phone: 'nobody' }, KEY)],
  [3, (leads) => post('/webhooks/waha', { event: 'unheard of', payload: any(leads).id }, KEY)],
  [4, (leads) => get(`/leads/${any(leads).id}/profile-pic`, KEY)],
  [2, () => get('/instances', KEY)],
  [1, () => get('/dead-letters', KEY)],
  [1, (leads) => get(`/avatars/${any(leads).id}?v=0&sig=forged`)],
];

function request(leads, n) {
  let at = Math.random() * 100;
  return TRAFFIC.find(([share]) => (at -= share) < 0)[1](leads, n);
}

/** Acts as the CRM: deletes some leads and inserts as many new leads with their phones. */
async function churn(db, leads) {
  const gone = leads.splice(0, CHURN);
  await db.query('DELETE FROM public.leads WHERE id::text = ANY ($1)', [gone.map(({ id }) => id)]);
  const { rows } = await db.query(
    `INSERT INTO public.leads (id, name, phone, instance_id)
     SELECT gen_random_uuid(), 'Lead', p, 'bench' FROM unnest($1::text[]) AS p RETURNING id::text, phone`, [gone.map(({ phone }) => phone)]);
  leads.push(...rows);
}

/** Sends traffic for the given seconds, in parts, with changes of the CRM in between. */
async function traffic(db, leads, seconds, tally) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const part = Math.min(PART_SECONDS, Math.ceil((end - Date.now()) / 1000));
    const requests = Array.from({ length: part * PER_SECOND }, (_, n) => request(leads, n));
    const run = await openLoop({ port: ports.receiver, connections: 32, requests, perSecond: PER_SECOND });
    for (const [status, n] of Object.entries(run.statuses)) tally.statuses[status] = (tally.statuses[status] ?? 0) + n;
    tally.p99.push(percentile(run.latencies, 0.99));
    await churn(db, leads);
  }
}

const LEFT = `
  SELECT (SELECT count(*) FROM pgmq.q_profile_pic_queue) + (SELECT count(*) FROM profile_pic.lead_writes) + (SELECT count(*) FROM profile_pic.lead_changes) AS waiting,
         (SELECT count(*) FROM public.leads WHERE profile_pic_url IS NULL) AS without,
         (SELECT count(*) FROM pgmq.q_profile_pic_dlq) AS dead`;

/** Waits until all work is done. @returns the work that is left at the deadline */
async function calm(db) {
  const deadline = Date.now() + SETTLING_SECONDS * 1000;
  while (true) {
    const { rows: [left] } = await db.query(LEFT);
    if ((Number(left.waiting) === 0 && Number(left.without) === 0) || Date.now() > deadline) {
      await db.query(`VACUUM public.leads, profile_pic.pictures, profile_pic.requests, pgmq.q_profile_pic_queue, profile_pic.waiting, profile_pic.deliveries, profile_pic.lead_writes, profile_pic.lead_changes`);
      return left;
    }
    await pause(500);
  }
}

async function run(arena) {
  const db = await arena.connect();
  const processes = arena.group();
  await reset(db);
  await arena.bridge(processes);
  const receiver = arena.receiver(processes);
  await processes.healthy(receiver, arena.receiverReady);
  const worker = arena.worker(processes);
  await processes.healthy(worker, arena.workerReady());
  const services = {
    receiver: { pid: receiver.child.pid, metrics: `http://127.0.0.1:${ports['receiver management']}/actuator/prometheus` },
    worker: { pid: worker.child.pid, metrics: `http://127.0.0.1:${ports.worker}/actuator/prometheus` },
  };
  const leads = await seedLeads(db, LEADS);
  await learnPhones(db);
  console.log(`${minutes} minutes of ${PER_SECOND} requests/s`);
  // Before the first measurement, every lead has its photo and all code has run.
  const warmUp = { statuses: {}, p99: [] };
  await db.query("SELECT count(*) FROM profile_pic.enqueue((SELECT jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone, 'instance_id', 'bench')) FROM public.leads))");
  await traffic(db, leads, minutes * 60 * WARM_UP_SHARE, warmUp);
  await calm(db);
  const before = await atRest(db, services);

  const tally = { statuses: {}, p99: [] };
  await traffic(db, leads, minutes * 60 * (1 - WARM_UP_SHARE), tally);
  const left = await calm(db);
  const after = await atRest(db, services);
  await db.end();

  const tooMuch = grown(before, after);
  const width = Math.max(...Object.keys(after).map((name) => name.length));
  console.log(`\n${'at rest'.padEnd(width)}  after the warm-up  at the end`);
  for (const name of Object.keys(after)) {
    console.log(`${name.padEnd(width)}  ${String(round(before[name])).padStart(17)}  ${String(round(after[name])).padStart(10)}${tooMuch.includes(name) ? '  GREW' : ''}`);
  }
  const failed = Object.entries(tally.statuses).filter(([status]) => status === '0' || Number(status) >= 500);
  console.log(`\nanswers by status: ${JSON.stringify(tally.statuses)}; p99 of the first part ${round(tally.p99[0])} ms, of the last ${round(tally.p99.at(-1))} ms`);
  console.log(`left: ${JSON.stringify(left)}`);
  const right = tooMuch.length === 0 && failed.length === 0 && Object.values(left).every((n) => Number(n) === 0);
  console.log(right ? 'nothing grew' : 'SOMETHING GREW, FAILED OR STAYED BEHIND');
  mkdirSync(join(root, '.local'), { recursive: true });
  writeFileSync(join(root, '.local/soak.json'), JSON.stringify({ minutes, before, after, tally, left }, null, 2));
  return right;
}

if (!Number.isFinite(minutes) || minutes < 1 || minutes > 1440) {
  console.error('MINUTES must be between 1 and 1440');
  process.exit(2);
}
let arena;
let status = 1;
const interrupted = new Promise((_, stop) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(new Error(`stopped by ${signal}`)));
});
try {
  arena = await openArena({ root, directory: join(root, '.local/soak') });
  status = (await Promise.race([run(arena), interrupted])) ? 0 : 1;
} catch (error) {
  console.error(`error: ${error.message}`);
}
await arena?.close({ keepLogs: status !== 0 });
process.exit(status);
