// (h) A real CRM's world: rows that others hold, snapshots that nobody ends, a thousand numbers, and the same webhook again and again.
import { enqueueWishes } from '../lib/drain-run.mjs';
import { databaseClock, reset, seedLeads, settleDown, untilAllHavePhotos } from '../lib/leads.mjs';
import { median, percentile, round } from '../lib/statistics.mjs';

const LEADS = 10_000;
const HELD = 1_000;
const CYCLE = 64;
const SNAPSHOT_SECONDS = 60;
const PER_MINUTE = 50_000;
const INSTANCES = 1_000;
const EACH = 1_000;

const CLAIM = `SELECT * FROM profile_pic.claim($1::text[], $2::timestamptz[], $3::int[], $4, interval '60 s', NULL, 6000000)`;
const SETTLE = `
  SELECT count(*) FROM profile_pic.settle($1::bigint[], $2::int[], array_fill('complete'::text, ARRAY[$4::int]), array_fill(0::bigint, ARRAY[$4::int]),
    array_fill('NOT_SET'::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(0, ARRAY[$4::int]),
    array_fill(NULL::timestamptz, ARRAY[$4::int]), $3::text[], $5::text[], array_fill(NULL::text, ARRAY[$4::int]), array_fill('bench'::text, ARRAY[$4::int]),
    array_fill(statement_timestamp(), ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]),
    array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::int, ARRAY[$4::int]), array_fill(NULL::int, ARRAY[$4::int]),
    array_fill(NULL::int, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(1::bigint, ARRAY[$4::int]),
    array_fill(NULL::bigint, ARRAY[$4::int]), array_fill(false, ARRAY[$4::int]), array_fill(0, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]),
    array_fill(false, ARRAY[$4::int]), array_fill(NULL::bytea, ARRAY[$4::int]), array_fill(statement_timestamp(), ARRAY[$4::int]), 'bench', false)`;

async function timed(list, work) {
  const start = performance.now();
  const result = await work();
  list.push(performance.now() - start);
  return result;
}

/** Enqueue, claim and settle in cycles, at most so many messages a minute. */
async function cycles(db, leads, seconds) {
  const claims = [];
  const settles = [];
  let since = null;
  const end = performance.now() + seconds * 1000;
  for (let n = 0; performance.now() < end; n++) {
    const started = performance.now();
    const batch = Array.from({ length: CYCLE }, (_, i) => leads[(n * CYCLE + i) % leads.length]);
    await enqueueWishes(db, batch);
    const { rows } = await timed(claims, () => db.query({ name: 'claim', text: CLAIM, values: [['bench'], [since], [CYCLE], CYCLE] }));
    since = rows.find((row) => row.msg_id === null)?.since ?? null;
    const messages = rows.filter((row) => row.msg_id !== null);
    if (messages.length > 0) {
      await timed(settles, () => db.query({
        name: 'settle', text: SETTLE,
        values: [messages.map((m) => m.msg_id), messages.map((m) => m.read_ct), messages.map((m) => m.lead_id), messages.length, messages.map((m) => m.lead_phone)],
      }));
    }
    const rest = (CYCLE / PER_MINUTE) * 60_000 - (performance.now() - started);
    if (rest > 0) await new Promise((done) => setTimeout(done, rest));
  }
  return { claim_p99: percentile(claims, 0.99), settle_p99: percentile(settles, 0.99), messages: claims.length * CYCLE };
}

/** A drain by a real worker, with or without a CRM transaction that holds some of the leads; the p99 is the others'. */
async function drainOthers(arena, db, count, held) {
  await reset(db);
  const leads = await seedLeads(db, count);
  const crm = await arena.connect();
  const processes = arena.group();
  try {
    const worker = arena.worker(processes);
    await processes.healthy(worker, arena.workerReady());
    await settleDown(db);
    await crm.query('BEGIN');
    if (held > 0) await crm.query('SELECT FROM public.leads WHERE id IN (SELECT id FROM public.leads ORDER BY id LIMIT $1) FOR UPDATE', [held]);
    await db.query('BEGIN');
    await enqueueWishes(db, leads);
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
  } finally {
    await crm.end();
    await processes.stopAll();
  }
}

/** A thousand numbers, each with a thousand messages: what one claim costs for the lines that a worker picks. */
async function manyInstances(db, instances, each) {
  await reset(db);
  await db.query(`INSERT INTO profile_pic.instances (instance_id) SELECT 'n' || i FROM generate_series(1, $1::int) AS i ON CONFLICT DO NOTHING`, [instances]);
  await db.query(
    `WITH sent AS (
       INSERT INTO pgmq.q_profile_pic_queue (vt, message)
       SELECT '3000-01-01 00:00:00+00', jsonb_build_object('lead_id', gen_random_uuid(), 'phone', '5562991000000', 'instance_id', 'n' || (1 + n % $1::int))
       FROM generate_series(1, $1::int * $2::int) AS n RETURNING msg_id, message ->> 'instance_id' AS instance)
     INSERT INTO profile_pic.waiting (msg_id, instance_id, paced, place) SELECT msg_id, instance, true, now() FROM sent`, [instances, each]);
  await db.query('VACUUM ANALYZE pgmq.q_profile_pic_queue');
  await db.query('VACUUM ANALYZE profile_pic.waiting');
  await settleDown(db);
  const claims = [];
  for (let call = 0; call < 300; call++) {
    const line = `n${1 + call}`;
    const take = () => db.query({ name: 'claim', text: CLAIM, values: [[line], [null], [8], 8] });
    if (call < 20) await take();
    else await timed(claims, take);
  }
  const lines = [];
  for (let call = 0; call < 20; call++) await timed(lines, () => db.query('SELECT count(*) FROM profile_pic.find_lines(NULL, 60)'));
  return { claim_p50: median(claims), claim_p99: percentile(claims, 0.99), find_lines_p50: median(lines) };
}

/** The commonest webhook: a request that is fresh already, so many in one call. */
async function duplicates(db, leads, size, calls) {
  const wishes = JSON.stringify(leads.slice(0, size).map(({ id, phone }) => ({ lead_id: id, phone, instance_id: 'bench' })));
  const times = [];
  for (let call = -5; call < calls; call++) {
    const list = call < 0 ? [] : times;
    await timed(list, () => db.query('SELECT count(*) FROM profile_pic.enqueue($1::jsonb)', [wishes]));
  }
  return (1000 * median(times)) / size;
}

export async function crowd(arena, { quick, scale }) {
  const db = await arena.connect();
  const bridge = arena.group();
  const data = {};
  try {
    await arena.bridge(bridge);
    const count = scale(LEADS);
    data.calm_p99_ms = await drainOthers(arena, db, count, 0);
    data.held_p99_ms = await drainOthers(arena, db, count, Math.round(HELD * (count / LEADS)));

    await reset(db);
    const leads = await seedLeads(db, 20_000);
    await cycles(db, leads, 5);
    data.rest = await cycles(db, leads, 10);
    const holder = await arena.connect();
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await holder.query('SELECT count(*) FROM public.leads');
    await cycles(db, leads, quick ? 10 : SNAPSHOT_SECONDS - 10);
    data.snapshot = await cycles(db, leads, 10);
    await holder.query('ROLLBACK');
    await holder.end();

    await reset(db);
    const known = await seedLeads(db, 4_000);
    await enqueueWishes(db, known);
    data.duplicate_us = { 64: await duplicates(db, known, 64, 200), 4000: await duplicates(db, known, 4_000, 10) };

    data.instances = await manyInstances(db, scale(INSTANCES), scale(EACH));
  } finally {
    await reset(db);
    await db.end();
    await bridge.stopAll();
  }
  const held = data.held_p99_ms / data.calm_p99_ms;
  const claim = data.snapshot.claim_p99 / data.rest.claim_p99;
  const settle = data.snapshot.settle_p99 / data.rest.settle_p99;
  const linear = data.duplicate_us[4000] / data.duplicate_us[64];
  return {
    title: 'In a real CRM\'s world (ms)',
    columns: ['what', 'at rest', 'disturbed'],
    rows: [
      ['p99 of the leads that nobody holds, 1,000 of 10,000 being held', round(data.calm_p99_ms), round(data.held_p99_ms)],
      [`claim of 64, p99, a snapshot being held for ${quick ? 20 : SNAPSHOT_SECONDS} s`, round(data.rest.claim_p99), round(data.snapshot.claim_p99)],
      ['settle of 64, p99', round(data.rest.settle_p99), round(data.snapshot.settle_p99)],
      ['claim of 8, p50, 1,000 instances with 1,000 waiting each', '', round(data.instances.claim_p50)],
      ['find_lines, p50, the same', '', round(data.instances.find_lines_p50)],
      ['a fresh duplicate in a batch of 64 and of 4,000 (us each)', round(data.duplicate_us[64]), round(data.duplicate_us[4000])],
    ],
    data,
    aims: [
      { what: 'others\' p99 while 1,000 of 10,000 are held', aim: '<= 2 x calm', got: `${round(held)} x`, met: held <= 2 },
      { what: 'claim p99 while a snapshot is held', aim: '<= 3 x at rest', got: `${round(claim)} x`, met: claim <= 3 },
      { what: 'settle p99 while a snapshot is held', aim: '<= 3 x at rest', got: `${round(settle)} x`, met: settle <= 3 },
      { what: '1,000 instances x 1,000 waiting, claim p50', aim: '<= 1 ms', got: `${round(data.instances.claim_p50)} ms`, met: data.instances.claim_p50 <= 1 },
      { what: 'a duplicate in a batch of 4,000 against one of 64', aim: '<= 1.5 x', got: `${round(linear)} x`, met: linear <= 1.5 },
    ],
  };
}
