// pg-boss as fast as its public functions allow: loops of fetch, handle and complete, in batches, without the pauses of work().
// LEADS=batch goes further than the other systems: its handler updates all leads of a batch in one statement.
import pg from 'pg';
import PgBoss from 'pg-boss';
import { fetchPicture, tellLeads, untilStopped } from './handler.mjs';

const QUEUE = 'pictures';
const LOOPS = Number(process.env.LOOPS ?? 4);
const BATCH = Number(process.env.BATCH ?? 250);
const IDLE_MS = 20;
const leadsByBatch = process.env.LEADS === 'batch';

const connectionString = process.env.DATABASE_URL;
const boss = new PgBoss({ connectionString, max: LOOPS + 2, supervise: false, schedule: false });
boss.on('error', (error) => console.error(error.message));
await boss.start();
await boss.createQueue(QUEUE);
const pool = new pg.Pool({ connectionString, max: leadsByBatch ? LOOPS : 16 });
let stopping = false;

async function work() {
  while (!stopping) {
    const jobs = await boss.fetch(QUEUE, { batchSize: BATCH, priority: false });
    if (jobs.length === 0) {
      await new Promise((done) => setTimeout(done, IDLE_MS));
      continue;
    }
    if (leadsByBatch) await tellLeads(pool, await Promise.all(jobs.map((job) => fetchPicture(job.data))));
    else await Promise.all(jobs.map(async (job) => tellLeads(pool, [await fetchPicture(job.data)])));
    await boss.complete(QUEUE, jobs.map((job) => job.id));
  }
}

const loops = Array.from({ length: LOOPS }, work);
untilStopped(async () => {
  stopping = true;
  await Promise.all(loops);
  await boss.stop({ graceful: false });
  await pool.end();
});
console.log('pg-boss is ready');
