// Called by bin/fuzz when everything is built: starts a receiver, a worker, and the program that sends hostile input to both.
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { program } from '../bin/lib/services.mjs';
import { openArena, ports } from './lib/arena.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
// Hostile links name real hosts, which this run must not reach. So the only allowed host is a name that never exists (RFC 2606).
const NO_DOWNLOADS_ELSEWHERE = '--profile-pic.picture-urls.allowed-hosts=pictures.invalid';
// Hostile calls come without a pause. bin/bench measures that operators take turns.
const NO_REST = '--profile-pic.database.operators.rest=0';
// With these options, failures and batches end within a round instead of after hours.
const IMPATIENT = [
  '--profile-pic.pictures.backoff-base=50ms', '--profile-pic.pictures.backoff-cap=200ms',
  '--profile-pic.batches.spacing=0s', '--profile-pic.batches.gathering=0s',
];

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seed: { type: 'string', default: String(randomInt(2 ** 47)) }, from: { type: 'string', default: '0' } },
    });
    if (positionals.length > 1) throw new Error('one number at the most');
    const chosen = { count: positionals[0] ?? '100000', ...values };
    for (const [name, value] of Object.entries(chosen)) {
      if (!/^\d{1,15}$/.test(value)) throw new Error(`${name} must be a whole number, not ${value}`);
    }
    return chosen;
  } catch (error) {
    console.error(`error: ${error.message}. See: bin/fuzz --help`);
    process.exit(2);
  }
}

const { count, seed, from } = options();
let arena;
let attacker;
const interrupted = new Promise((_, stop) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(new Error(`stopped by ${signal}`)));
});

async function run() {
  arena = await openArena({ root, directory: join(root, '.local/fuzz') });
  const processes = arena.group();
  await arena.bridge(processes);
  const receiver = arena.receiver(processes, [NO_DOWNLOADS_ELSEWHERE, NO_REST]);
  await processes.healthy(receiver, arena.receiverReady);
  const worker = arena.worker(processes, 0, [NO_DOWNLOADS_ELSEWHERE, ...IMPATIENT]);
  await processes.healthy(worker, arena.workerReady());
  console.log(`${count} inputs, seed ${seed}`);
  attacker = spawn(join(process.env.JAVA_HOME, 'bin/java'), [
    ...program(root, 'fuzz', 256), '--count', count, '--seed', seed, '--from', from,
    '--database', `jdbc:postgresql://127.0.0.1:${ports.postgres}/profile_pic?user=postgres`,
    '--receiver', String(ports.receiver),
    '--service', `${receiver.child.pid}:${ports['receiver management']}`,
    '--service', `${worker.child.pid}:${ports.worker}`,
    '--openapi', join(root, 'receiver-service/src/main/resources/openapi.yaml'),
    '--samples', join(root, 'receiver-service/src/test/resources/webhooks'),
  ], { stdio: 'inherit' });
  const status = await new Promise((ended) => attacker.once('exit', ended));
  const died = [receiver, worker].filter(({ ended }) => ended);
  died.forEach((entry) => console.error(`THE ${entry.name.toUpperCase()} DIED (${entry.ended}); see ${processes.logOf(entry.name)}`));
  return status === 0 && died.length === 0;
}

let status = 1;
try {
  status = (await Promise.race([run(), interrupted])) ? 0 : 1;
} catch (error) {
  console.error(`error: ${error.message}`);
}
attacker?.kill();
await arena?.close({ keepLogs: status !== 0 });
process.exit(status);
