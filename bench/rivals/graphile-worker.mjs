// graphile-worker with the settings that its documentation recommends for throughput: a local queue, batched completion, many jobs at once.
import pg from 'pg';
import { run } from 'graphile-worker';
import { fetchPicture, tellLeads, untilStopped } from './handler.mjs';

const JOBS = Number(process.env.JOBS ?? 64);
const LOCAL_QUEUE = Number(process.env.LOCAL_QUEUE ?? 500);
const POOL = Number(process.env.POOL ?? 16);
const COMPLETE_MS = Number(process.env.COMPLETE_MS ?? 5);

const pgPool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: POOL });
const runner = await run({
  pgPool,
  noHandleSignals: true,
  preset: {
    worker: {
      concurrentJobs: JOBS,
      pollInterval: 500,
      maxPoolSize: POOL,
      localQueue: { size: LOCAL_QUEUE, refetchDelay: { durationMs: 20 } },
      completeJobBatchDelay: COMPLETE_MS,
      failJobBatchDelay: COMPLETE_MS,
    },
  },
  taskList: { picture: async (payload) => tellLeads(pgPool, [await fetchPicture(payload)]) },
});
untilStopped(async () => {
  await runner.stop();
  await pgPool.end();
});
console.log('graphile-worker is ready');
