import { parseArgs } from 'node:util';

export const PARTS = ['ingest', 'drain', 'latency', 'claim', 'matching', 'webhooks', 'replicas', 'crowd', 'operators', 'queries', 'console', 'footprint'];

export const USAGE = `usage: bin/bench [--only PART,...] [--quick] [--rounds N] [--snapshot SECONDS]
                 [--output FILE]

Measures receiver and worker on this machine, and compares them with alternatives. Starts everything on its own
ports and removes it afterwards. Prints tables and writes bench/results.json.

  --only PART,...  of ${PARTS.join(', ')}
  --quick          a tenth of the messages, one round: a check that it works; do not quote these figures
  --rounds N       how often each system is measured (default 3; the median counts)
  --snapshot SECONDS
                   how long crowd holds a snapshot under 50,000 messages a minute (default 600, with --quick 20)
  --output FILE    instead of bench/results.json`;

/** @throws Error with a readable message when the arguments are wrong */
export function readOptions(args, defaultOutput) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' }, quick: { type: 'boolean', default: false }, rounds: { type: 'string' },
      snapshot: { type: 'string' }, output: { type: 'string' },
    },
  });
  const parts = values.only?.split(',') ?? PARTS;
  const unknown = parts.filter((part) => !PARTS.includes(part));
  if (unknown.length > 0) throw new Error(`unknown part: ${unknown.join(', ')}`);
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 9) throw new Error('--rounds must be 1 to 9');
  const snapshotSeconds = Number(values.snapshot ?? (values.quick ? 20 : 600));
  if (!Number.isInteger(snapshotSeconds) || snapshotSeconds < 10 || snapshotSeconds > 3_600) throw new Error('--snapshot must be 10 to 3600 seconds');
  return { parts, quick: values.quick, rounds, snapshotSeconds, output: values.output ?? defaultOutput, scale: (count) => Math.round(values.quick ? count / 10 : count) };
}
