// Runs one cell: migrations, a demo of sixty leads, a bulk sync whose worker is killed in the middle, an erasure, and the doctor.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { demo, demoLeads } from '../demo.mjs';
import { createProcesses, until } from '../processes.mjs';
import { PUBLIC_SECRETS } from '../settings.mjs';
import { createCellStack, where } from './stack.mjs';

/** The connection limit of receiver, worker and bridge together. */
const MOST_CONNECTIONS = 12;
/** Slow enough that the worker can be killed during the sync. */
const SLOW_PACE = 600;

const headers = { Authorization: `Bearer ${PUBLIC_SECRETS.API_KEY}`, 'content-type': 'application/json' };

async function call(method, path, body) {
  const answer = await fetch(where.receiver + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

async function syncWhileTheWorkerDies(stack) {
  await call('PATCH', `/instances/${where.instance}`, { pace_per_minute: SLOW_PACE });
  const { sync_id: id } = await call('POST', `/instance/${where.instance}/sync-profile-pics-bulk`, { phone_list: demoLeads, force_update: true });
  const sync = () => call('GET', `/syncs/${id}`);
  await until('the first leads of the bulk sync', async () => (await sync()).done >= 10);
  await stack.killWorker();
  const before = await sync();
  if (before.state !== 'RUNNING') throw new Error('the bulk sync was through before the worker was killed');
  await until('the end of the bulk sync', async () => (await sync()).state === 'DONE', { seconds: 90 });
  const { total, done, outcomes } = await sync();
  if (total !== demoLeads.length || done !== total || outcomes.FAILED) {
    throw new Error(`the bulk sync ended with ${done} of ${total}: ${JSON.stringify(outcomes)}`);
  }
}

async function erase(database) {
  const [{ lead_id: lead }] = demoLeads;
  await call('DELETE', `/leads/${lead}/profile-pic`);
  await until('the erased lead losing its link', async () => {
    const { rows } = await database.query(
      `SELECT p.state, l.profile_pic_url FROM public.leads l JOIN profile_pic.pictures p ON p.lead_id = l.id::text WHERE l.id = $1`, [lead]);
    return rows[0].state === 'ERASED' && rows[0].profile_pic_url === null;
  });
}

/** Fails if the doctor finds a problem, or a connection mode other than the given one. */
function examine(root, stack, connection) {
  const { status, stdout } = spawnSync(join(root, 'bin/doctor'), [], { encoding: 'utf8', env: { ...process.env, ...stack.doctor } });
  const problems = stdout.split('\n').filter((line) => line.startsWith('PROBLEM'));
  if (status !== 0) throw new Error(`the doctor found: ${problems.join('; ') || stdout}`);
  const mode = { direct: 'connections are direct', session: 'a pooler in session mode, and', transaction: 'a pooler in transaction mode, and' }[connection];
  if (!stdout.includes(mode)) throw new Error(`the doctor does not say "${mode}": ${stdout.split('\n').filter((line) => line.includes('pooler')).join('; ')}`);
}

/**
 * Runs one cell, from an empty database to its removal.
 *
 * @returns {Promise<string>} the problem; empty on success
 */
export async function runCell(root, cell) {
  const processes = createProcesses(join(root, '.local/databases/logs', cell.name));
  const stack = createCellStack(root, cell, processes);
  let database;
  let problem = '';
  try {
    await stack.start();
    database = await stack.connect();
    if (!(await demo(database, where.instance, where))) throw new Error('the demo went wrong');
    await syncWhileTheWorkerDies(stack);
    await erase(database);
    examine(root, stack, cell.connection);
    const connections = await stack.connections(database);
    if (connections > MOST_CONNECTIONS) throw new Error(`${connections} connections are open, at most ${MOST_CONNECTIONS} should be`);
  } catch (failure) {
    problem = failure.message;
  }
  await database?.end().catch(() => {});
  await processes.stopAll();
  if (!problem) rmSync(join(root, '.local/databases', cell.name), { recursive: true, force: true });
  return problem;
}
