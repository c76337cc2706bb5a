// Called by bin/test: runs the named cells, or all cells, and prints the table.
import { join, resolve } from 'node:path';
import { chosen, row } from './cells.mjs';
import { runCell } from './cell.mjs';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
const results = [];
for (const cell of chosen(process.argv.slice(2))) {
  const instead = cell.pgmq === '1.5.1' && !process.env.PROFILE_PIC_TEST_PGMQ ? '1.11.1 (PROFILE_PIC_TEST_PGMQ names no 1.5.1)' : cell.pgmq;
  const run = { ...cell, pgmq: instead };
  console.log(`\n${cell.name}: PostgreSQL ${cell.postgres}, PGMQ ${instead}, ${cell.role}, ${cell.connection}`);
  const began = Date.now();
  const problem = await runCell(root, cell);
  const seconds = Math.round((Date.now() - began) / 1000);
  if (problem) console.error(`${cell.name} failed: ${problem}\nlogs: ${join(root, '.local/databases/logs', cell.name)}`);
  results.push({ run, problem, seconds });
}
console.log('');
for (const { run, problem, seconds } of results) console.log(row(run, problem ? `failed: ${problem.split('\n')[0]}` : `passed in ${seconds} s`));
console.log(`# pass ${results.filter(({ problem }) => !problem).length}\n# fail ${results.filter(({ problem }) => problem).length}`);
process.exit(results.some(({ problem }) => problem) ? 1 : 0);
