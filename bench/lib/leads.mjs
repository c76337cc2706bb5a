// Creates the leads of a run, and empties the tables between two runs.

/** All tables that a run fills, including the rivals' tables if they exist. */
const FILLED = [
  'public.leads', 'profile_pic.pictures', 'profile_pic.picture_history', 'profile_pic.avatars', 'profile_pic.thumbnails', 'profile_pic.lead_phones',
  'profile_pic.lids', 'profile_pic.requests', 'profile_pic.waiting', 'profile_pic.deliveries', 'profile_pic.pace_states', 'profile_pic.lead_writes',
  'pgmq.q_profile_pic_queue', 'pgmq.q_profile_pic_dlq', 'pgmq.q_bench_send', 'pgmq.q_bench_batches', 'pgboss.job', 'graphile_worker._private_jobs',
];

/** Empties the tables, so that every run starts from the same state. Call it only while no consumer runs. */
export async function reset(db) {
  const { rows } = await db.query('SELECT t AS name FROM unnest($1::text[]) AS t WHERE to_regclass(t) IS NOT NULL', [FILLED]);
  await db.query(`TRUNCATE ${rows.map((row) => row.name).join(', ')}`);
}

/**
 * Inserts leads without a photo, each with a different phone, and without the product's trigger, which would enqueue them.
 * @returns {Promise<{id: string, phone: string}[]>}
 */
export async function seedLeads(db, count) {
  await db.query('BEGIN');
  await db.query('SET LOCAL session_replication_role = replica');
  const { rows } = await db.query(
    `INSERT INTO public.leads (id, name, phone, instance_id)
     SELECT gen_random_uuid(), 'Lead ' || n, (5562991000000 + n)::text, 'bench' FROM generate_series(1, $1) AS n
     RETURNING id::text, phone`, [count]);
  await db.query('COMMIT');
  await db.query('VACUUM ANALYZE public.leads');
  return rows;
}

/**
 * Learns the phones of existing leads, as the receiver does: in steps, each in its own transaction.
 * @returns {Promise<number>} the duration in seconds
 */
export async function learnPhones(db) {
  await db.query('UPDATE profile_pic.lead_phones_walk SET after_id = NULL, finished_at = NULL');
  const start = performance.now();
  for (let more = true; more; ) ({ rows: [{ more }] } = await db.query('SELECT profile_pic.read_lead_page(10000) AS more'));
  const seconds = (performance.now() - start) / 1000;
  await db.query('VACUUM ANALYZE profile_pic.lead_phones');
  return seconds;
}

/** Writes dirty pages to disk now, so that a run does not pay for the previous one. */
export const settleDown = (db) => db.query('CHECKPOINT');

/**
 * Waits until every lead has its photo.
 * @returns {Promise<number>} seconds from `start` (by the database's clock) to the last update
 */
export async function untilAllHavePhotos(db, start, { seconds, giveUp = () => {} }) {
  const deadline = Date.now() + seconds * 1000;
  while (true) {
    giveUp();
    const { rows: [{ waiting }] } = await db.query('SELECT EXISTS (SELECT FROM public.leads WHERE profile_pic_url IS NULL) AS waiting');
    if (!waiting) break;
    if (Date.now() > deadline) throw new Error(`not every lead had its photo within ${seconds} s`);
    await new Promise((done) => setTimeout(done, 50));
  }
  const { rows: [{ took }] } = await db.query('SELECT extract(epoch FROM max(updated_at) - $1::timestamptz)::float8 AS took FROM public.leads', [start]);
  return took;
}

export async function databaseClock(db) {
  const { rows: [{ now }] } = await db.query('SELECT clock_timestamp()::text AS now');
  return now;
}
