// Called by bin/bench when everything is built: measures part by part, prints and writes the results, and stops its processes.
import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openArena } from './lib/arena.mjs';
import { describe } from './lib/machine.mjs';
import { readOptions, USAGE } from './lib/options.mjs';
import { print, printAims } from './lib/report.mjs';
import { claim } from './parts/claim.mjs';
import { console_ } from './parts/console.mjs';
import { crowd } from './parts/crowd.mjs';
import { drain } from './parts/drain.mjs';
import { footprint } from './parts/footprint.mjs';
import { ingest } from './parts/ingest.mjs';
import { latency } from './parts/latency.mjs';
import { matching } from './parts/matching.mjs';
import { operators } from './parts/operators.mjs';
import { queries } from './parts/queries.mjs';
import { replicas } from './parts/replicas.mjs';
import { webhooks } from './parts/webhooks.mjs';

const measure = { claim, console: console_, crowd, drain, footprint, ingest, latency, matching, operators, queries, replicas, webhooks };
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

function options() {
  try {
    return readOptions(process.argv.slice(2), join(root, 'bench/results.json'));
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const chosen = options();
let arena;
let status = 0;
const interrupted = new Promise((_, stop) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(new Error(`stopped by ${signal}`)));
});

async function run() {
  arena = await openArena({ root, directory: join(root, '.local/bench') });
  const db = await arena.connect();
  const facts = await describe(root, db);
  await db.end();
  const results = { ...facts, quick: chosen.quick, rounds: chosen.rounds, parts: {}, aims: [] };
  for (const part of chosen.parts) {
    console.log(`\nmeasuring ${part} ...`);
    try {
      const section = await measure[part](arena, chosen);
      print(section);
      results.parts[part] = section.data;
      results.aims.push(...(section.aims ?? []));
    } catch (error) {
      // The results of the other parts are useful without this part.
      console.error(`error: ${part} failed: ${error.message}`);
      results.parts[part] = { failed: error.message };
      status = 1;
    }
  }
  printAims(results.aims);
  writeFileSync(chosen.output, `${JSON.stringify(results, null, 2)}\n`);
  console.log(`\nwritten to ${chosen.output}`);
}

try {
  await Promise.race([run(), interrupted]);
} catch (error) {
  console.error(`error: ${error.message}`);
  status = 1;
}
await arena?.close();
process.exit(status);
