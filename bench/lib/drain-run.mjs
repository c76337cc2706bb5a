// One drain: fills the queue in one transaction while the consumer is ready, and waits until every lead has its photo.
import { databaseClock, reset, seedLeads, settleDown, untilAllHavePhotos } from './leads.mjs';
import { watchProcessors } from './cpu.mjs';

const PATIENCE_SECONDS = 300;

/** Returns the transactions committed in our database so far; the statistics of other sessions arrive within a second. */
async function commits(db) {
  await new Promise((done) => setTimeout(done, 1500));
  const { rows: [{ xact_commit: count }] } = await db.query('SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()');
  return Number(count);
}

/**
 * @param enqueue puts a message for each lead into the consumer's queue, inside the open transaction
 * @param groups root processes by name, for the shares of the processors
 * @returns the rate, the duration and the use of the processors
 */
export async function drainOnce({ db, count, enqueue, groups, giveUp }) {
  await reset(db);
  const leads = await seedLeads(db, count);
  await settleDown(db);
  const commitsBefore = await commits(db);
  await db.query('BEGIN');
  await enqueue(db, leads);
  await db.query('COMMIT');
  const start = await databaseClock(db);
  const processors = watchProcessors(groups);
  const seconds = await untilAllHavePhotos(db, start, { seconds: PATIENCE_SECONDS, giveUp });
  const cpu = processors();
  const watching = Math.ceil(seconds / 0.05);
  return {
    rate: count / seconds, seconds,
    transactions_per_message: Math.max(0, (await commits(db)) - commitsBefore - watching) / count,
    // This figure does not depend on other processes on the machine.
    cpu_ms_per_message: (1000 * seconds * (cpu.consumer + cpu.postgres)) / count,
    cpu,
  };
}

/** Enqueues through the product's own function, a thousand requests at a time. */
export async function enqueueRequests(db, leads) {
  for (let at = 0; at < leads.length; at += 1000) {
    const requests = leads.slice(at, at + 1000).map(({ id, phone }) => ({ lead_id: id, phone, instance_id: 'bench' }));
    await db.query('SELECT count(*) FROM profile_pic.enqueue($1::jsonb)', [JSON.stringify(requests)]);
  }
}
