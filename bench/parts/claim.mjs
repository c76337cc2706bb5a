// (d) The cost of a claim while many delayed messages wait.
import { median, percentile, round } from '../lib/statistics.mjs';
import { reset, settleDown } from '../lib/leads.mjs';

const LEVELS = [0, 100_000, 1_000_000];
const QUEUE = 'profile_pic_queue';
const CALLS = {
  claim: [`SELECT * FROM profile_pic.claim(ARRAY['bench'], ARRAY[NULL::timestamptz], ARRAY[64], 64, interval '60 s', 'bench', 6000000)`, 200],
  // One worker makes this call once per poll.
  adopt: [`SELECT NULL AS msg_id FROM profile_pic.adopt(6000000, 1000)`, 200],
  // This call is two orders of magnitude slower at the last level, so fewer calls are enough.
  read: [`SELECT * FROM pgmq.read('${QUEUE}', 60, 64)`, 30],
};

/** Adds messages that become due within the next day, as after a backoff. */
const addDelayed = (db, count) =>
  db.query(
    `INSERT INTO pgmq.q_${QUEUE} (vt, message, headers)
     SELECT now() + interval '1 hour' + random() * interval '1 day',
            jsonb_build_object('lead_id', gen_random_uuid(), 'phone', (5562991000000 + n)::text, 'instance_id', 'bench'), '{}'
     FROM generate_series(1, $1) AS n`, [count]);

async function timeCalls(db, sql, calls) {
  const milliseconds = [];
  // The first calls plan the query and warm the caches.
  for (let call = -10; call < calls; call++) {
    const start = performance.now();
    const { rows } = await db.query(sql);
    if (call >= 0) milliseconds.push(performance.now() - start);
    if (rows.some((row) => (row.msg_id ?? null) !== null)) throw new Error('the head of the queue was not empty');
  }
  return milliseconds;
}

export async function claim(arena, { quick }) {
  const db = await arena.connect();
  const data = [];
  await reset(db);
  for (const delayed of LEVELS) {
    const wanted = quick ? delayed / 10 : delayed;
    const { rows: [{ count }] } = await db.query(`SELECT count(*)::int FROM pgmq.q_${QUEUE}`);
    await addDelayed(db, wanted - count);
    await db.query(`VACUUM ANALYZE pgmq.q_${QUEUE}`);
    await settleDown(db);
    const row = { delayed: wanted };
    for (const [name, [sql, calls]] of Object.entries(CALLS)) {
      const milliseconds = await timeCalls(db, sql, calls);
      row[`${name}_p50_ms`] = median(milliseconds);
      row[`${name}_p99_ms`] = percentile(milliseconds, 0.99);
    }
    data.push(row);
  }
  await reset(db);
  await db.end();
  const growth = data.at(-1).claim_p50_ms / data[0].claim_p50_ms;
  return {
    title: 'Claim on an empty head, while delayed messages wait (ms, one round trip included)',
    columns: ['delayed messages', 'claim p50', 'claim p99', 'adopt p50', 'pgmq.read p50', 'pgmq.read p99'],
    rows: data.map((r) => [r.delayed, round(r.claim_p50_ms), round(r.claim_p99_ms), round(r.adopt_p50_ms), round(r.read_p50_ms), round(r.read_p99_ms)]),
    data,
    aims: [{ what: `claim at ${data.at(-1).delayed} delayed`, aim: '<= 2 x claim at 0', got: `${round(growth)} x`, met: growth <= 2 }],
  };
}
