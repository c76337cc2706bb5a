// Measures resources at rest: those of the services' processes, and those of the database.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { residentMegabytes } from './cpu.mjs';

/** The tables that a message passes through. A completed message must leave no rows behind. */
const PASSED_THROUGH = [
  'pgmq.q_profile_pic_queue', 'profile_pic.waiting', 'profile_pic.deliveries', 'profile_pic.requests', 'profile_pic.lead_writes', 'profile_pic.lead_changes',
  'profile_pic.pictures', 'profile_pic.instances', 'profile_pic.pace_states', 'profile_pic.lookup_siblings', 'public.leads',
];

/** Returns the heap in MB after a garbage collection. */
async function heapMegabytes(pid, metrics) {
  execFileSync(join(process.env.JAVA_HOME, 'bin/jcmd'), [String(pid), 'GC.run'], { stdio: 'ignore' });
  const text = await (await fetch(metrics)).text();
  const bytes = [...text.matchAll(/^jvm_memory_used_bytes\{area="heap".*\} (\S+)$/gm)].reduce((sum, [, value]) => sum + Number(value), 0);
  return bytes / 1024 ** 2;
}

const threads = (pid) => Number(/Threads:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]);

/**
 * @param services processes by name: `pid`, and `metrics`, the URL of the Prometheus endpoint
 * @returns figures by name, each a number
 */
export async function atRest(db, services) {
  const figures = {};
  for (const [name, { pid, metrics }] of Object.entries(services)) {
    figures[`${name}: heap, MB`] = await heapMegabytes(pid, metrics);
    figures[`${name}: resident, MB`] = residentMegabytes(pid);
    figures[`${name}: threads`] = threads(pid);
    figures[`${name}: open files`] = readdirSync(`/proc/${pid}/fd`).length;
  }
  const { rows: [{ connections }] } = await db.query(
    "SELECT count(*)::int AS connections FROM pg_stat_activity WHERE application_name LIKE 'profile-pic%'");
  figures['database: connections'] = connections;
  const { rows } = await db.query(
    'SELECT t AS name, pg_total_relation_size(t::regclass) / 1024.0 ^ 2 AS mb FROM unnest($1::text[]) AS t', [PASSED_THROUGH]);
  for (const { name, mb } of rows) figures[`${name}, MB`] = Number(mb);
  return figures;
}

/** The allowance for each kind of figure; more counts as growth. Caches fill, and a table stays as large as at its busiest time. */
const ALLOWANCES = [
  [/heap/, (before) => before + 24],
  [/resident/, (before) => before * 1.25 + 32],
  [/threads/, (before) => before + 20],
  [/files/, (before) => before + 20],
  [/connections/, (before) => before + 1],
  [/./, (before) => before * 1.5 + 8],
];

/** Returns the figures that grew by more than their allowance. */
export function grown(before, after) {
  return Object.keys(after).filter((name) => {
    const [, limit] = ALLOWANCES.find(([kind]) => kind.test(name));
    return after[name] > limit(before[name]);
  });
}
