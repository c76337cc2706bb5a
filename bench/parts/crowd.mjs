// (h) The conditions of a real CRM: rows locked by other transactions, snapshots that never end, a thousand instances, and many repetitions
// of one webhook.
import { claimLine, engine, PER_MINUTE, timed } from '../lib/cycles.mjs';
import { enqueueRequests } from '../lib/drain-run.mjs';
import { databaseClock, reset, seedLeads, settleDown, untilAllHavePhotos } from '../lib/leads.mjs';
import { median, percentile, round } from '../lib/statistics.mjs';

const LEADS = 10_000;
const HELD = 1_000;
// On a shared machine one pair of runs proves little, and a small drain ends quickly, so there are several rounds.
const LEAST_ROUNDS = 3;
const SNAPSHOT_LEADS = 20_000;
const MEASURED_SECONDS = 30;
const INSTANCES = 1_000;
const EACH = 1_000;
const CLAIMS = 300;

/**
 * Runs a drain with a worker that is already up, while a CRM transaction locks some of the leads. Returns the p99 of the other leads.
 */
async function drainOthers(db, crm, count, held) {
  await reset(db);
  const leads = await seedLeads(db, count);
  await settleDown(db);
  await crm.query('BEGIN');
  await crm.query('SELECT FROM public.leads WHERE id IN (SELECT id FROM public.leads ORDER BY id LIMIT $1) FOR UPDATE', [held]);
  await db.query('BEGIN');
  await enqueueRequests(db, leads);
  await db.query('COMMIT');
  const start = await databaseClock(db);
  const deadline = Date.now() + 180_000;
  while (true) {
    const { rows: [{ left }] } = await db.query('SELECT count(*)::int AS left FROM public.leads WHERE profile_pic_url IS NULL');
    if (left <= held) break;
    if (Date.now() > deadline) throw new Error(`${left - held} leads that nobody holds have no photo`);
    await new Promise((done) => setTimeout(done, 50));
  }
  const { rows: [{ p99 }] } = await db.query(
    `SELECT 1000 * percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM updated_at - $1::timestamptz))::float8 AS p99
     FROM public.leads WHERE profile_pic_url IS NOT NULL`, [start]);
  await crm.query('ROLLBACK');
  await untilAllHavePhotos(db, start, { seconds: 120 });
  return p99;
}

/** Drains alternately without and with locked leads, with one warm worker. */
async function heldLeads(arena, db, count, rounds) {
  const held = Math.round(HELD * (count / LEADS));
  const crm = await arena.connect();
  const processes = arena.group();
  const calm = [];
  const disturbed = [];
  try {
    const worker = arena.worker(processes);
    await processes.healthy(worker, arena.workerReady());
    await drainOthers(db, crm, LEADS, 0);
    for (let n = 0; n < rounds; n++) {
      calm.push(await drainOthers(db, crm, count, 0));
      disturbed.push(await drainOthers(db, crm, count, held));
    }
  } finally {
    await crm.end();
    await processes.stopAll();
  }
  return { calm_p99_ms: median(calm), held_p99_ms: median(disturbed), ratio: median(disturbed.map((p99, n) => p99 / calm[n])), rounds };
}

/** Measures claim and settle at rest, and after a session has held a snapshot for the given seconds under the same load. */
async function heldSnapshot(arena, db, seconds) {
  await reset(db);
  const cycles = engine(db, await seedLeads(db, SNAPSHOT_LEADS));
  const measured = Math.min(MEASURED_SECONDS, seconds / 2);
  await cycles.warmUp();
  await settleDown(db);
  const rest = await cycles.run(measured);
  const holder = await arena.connect();
  try {
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await holder.query('SELECT count(*) FROM public.leads');
    const before = await cycles.run(seconds - measured);
    await settleDown(db);
    const held = await cycles.run(measured);
    return { seconds, rest, held, messages_while_held: before.messages + held.messages };
  } finally {
    await holder.end();
  }
}

/** Measures one claim for the lines that a worker finds, with a thousand instances and a thousand messages for each. */
async function manyInstances(db, instances, each) {
  await reset(db);
  await seedLeads(db, instances);
  await db.query(`INSERT INTO profile_pic.instances (instance_id) SELECT 'crowd-' || i FROM generate_series(1, $1::int) AS i ON CONFLICT DO NOTHING`, [instances]);
  try {
    await db.query(
      `WITH numbered AS (SELECT id, phone, 'crowd-' || row_number() OVER (ORDER BY id) AS instance FROM public.leads),
       sent AS (
         INSERT INTO pgmq.q_profile_pic_queue (vt, message)
         SELECT profile_pic.hidden(), jsonb_build_object('lead_id', n.id, 'phone', n.phone, 'instance_id', n.instance)
         FROM generate_series(1, $1::int) AS message CROSS JOIN numbered AS n RETURNING msg_id, message ->> 'instance_id' AS instance)
       INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place) SELECT msg_id, instance, true, now() FROM sent`, [each]);
    await db.query('VACUUM ANALYZE pgmq.q_profile_pic_queue');
    await db.query('VACUUM ANALYZE profile_pic.waiting');
    await settleDown(db);
    return await claimInTurn(db);
  } finally {
    await db.query(`DELETE FROM profile_pic.instances WHERE instance_id LIKE 'crowd-%'`);
  }
}

/** Claims from the lines that find_lines returned, one after the other. */
async function claimInTurn(db) {
  const looks = [];
  const find = async () => (await db.query('SELECT * FROM profile_pic.find_lines(NULL, 6000000)')).rows;
  for (let call = 0; call < 20; call++) await timed(looks, find);
  const lines = await find();
  const claims = [];
  let claimed = 0;
  for (let call = -20; call < CLAIMS; call++) {
    const line = lines[(call + 20) % lines.length];
    const { messages, since } = await timed(call < 0 ? [] : claims, () => claimLine(db, line.instance_id, line.since, 8));
    if (messages.length === 0) throw new Error(`a claim of ${line.instance_id}, which find_lines returned, leased nothing`);
    line.since = since;
    claimed += messages.length;
  }
  return { lines: lines.length, claimed, claim_p50: median(claims), claim_p99: percentile(claims, 0.99), find_lines_p50: median(looks) };
}

/** Measures the most frequent webhook, many in one call: a duplicate, whose request is already satisfied. */
async function duplicates(db, leads, size, calls) {
  const requests = JSON.stringify(leads.slice(0, size).map(({ id, phone }) => ({ lead_id: id, phone, instance_id: 'bench' })));
  const times = [];
  for (let call = -5; call < calls; call++) {
    const list = call < 0 ? [] : times;
    await timed(list, () => db.query('SELECT count(*) FROM profile_pic.enqueue($1::jsonb)', [requests]));
  }
  return (1000 * median(times)) / size;
}

export async function crowd(arena, { scale, rounds, snapshotSeconds }) {
  const db = await arena.connect();
  const bridge = arena.group();
  const data = {};
  try {
    await arena.bridge(bridge);
    data.leads = await heldLeads(arena, db, scale(LEADS), Math.max(LEAST_ROUNDS, rounds));
    data.snapshot = await heldSnapshot(arena, db, snapshotSeconds);

    await reset(db);
    const known = await seedLeads(db, 4_000);
    await enqueueRequests(db, known);
    data.duplicate_us = { 64: await duplicates(db, known, 64, 200), 4000: await duplicates(db, known, 4_000, 10) };

    data.instances = await manyInstances(db, scale(INSTANCES), scale(EACH));
  } finally {
    await reset(db);
    await db.end();
    await bridge.stopAll();
  }
  return section(data);
}

function section({ leads, snapshot, duplicate_us: duplicate, instances }) {
  const { rest, held } = snapshot;
  const claim = held.claim_p99 / rest.claim_p99;
  const settle = held.settle_p99 / rest.settle_p99;
  const linear = duplicate[4000] / duplicate[64];
  return {
    title: 'In a real CRM\'s world (ms)',
    columns: ['what', 'at rest', 'disturbed'],
    rows: [
      ['p99 of the leads that nobody holds, a tenth being held', round(leads.calm_p99_ms), round(leads.held_p99_ms)],
      [`claim of 64, p99, a snapshot being held for ${snapshot.seconds} s`, round(rest.claim_p99), round(held.claim_p99)],
      ['the same, p50', round(rest.claim_p50), round(held.claim_p50)],
      ['settle of 64, p99', round(rest.settle_p99), round(held.settle_p99)],
      ['the same, p50', round(rest.settle_p50), round(held.settle_p50)],
      ['messages per minute meanwhile', Math.round(rest.per_minute), Math.round(held.per_minute)],
      [`claim of 8, p50, ${instances.lines} instances with as many waiting each`, '', round(instances.claim_p50)],
      ['find_lines, p50, the same', '', round(instances.find_lines_p50)],
      ['a fresh duplicate in a batch of 64 and of 4,000 (us each)', round(duplicate[64]), round(duplicate[4000])],
    ],
    notes: [
      `The first row is of ${leads.rounds} rounds, calm and held in turn. Aimed at ${PER_MINUTE} messages per minute; ${snapshot.messages_while_held} ` +
        `went through while the snapshot was held. ${instances.claimed} messages were claimed from the ${instances.lines} lines.`,
    ],
    data: { leads, snapshot, duplicate_us: duplicate, instances },
    aims: [
      { what: 'others\' p99 while a tenth of the leads is held', aim: '<= 2 x calm', got: `${round(leads.ratio)} x`, met: leads.ratio <= 2 },
      { what: 'claim p99 while a snapshot is held', aim: '<= 3 x at rest', got: `${round(claim)} x`, met: claim <= 3 },
      { what: 'settle p99 while a snapshot is held', aim: '<= 3 x at rest', got: `${round(settle)} x`, met: settle <= 3 },
      { what: `${instances.lines} instances with as many waiting each, claim p50`, aim: '<= 1 ms', got: `${round(instances.claim_p50)} ms`, met: instances.claim_p50 <= 1 },
      { what: 'a duplicate in a batch of 4,000 against one of 64', aim: '<= 1.5 x', got: `${round(linear)} x`, met: linear <= 1.5 },
    ],
  };
}
