import type { Cancel, Clock } from '../lookups/clock.js';
import type { Logger } from './logging/logger.js';

const EVERY_MS = 60_000;

/** Runs each chore once a minute; a chore that fails is retried the next minute. @returns a function that stops this */
export function startHousekeeping(
  clock: Clock,
  log: Logger,
  chores: readonly (() => Promise<void>)[],
): Cancel {
  let cancel: Cancel = () => undefined;
  let stopped = false;
  const round = async () => {
    for (const chore of chores) {
      await chore().catch((err: unknown) => log.warn({ err }, 'housekeeping failed'));
    }
    if (!stopped) again();
  };
  const again = () => {
    cancel = clock.schedule(() => void round(), EVERY_MS);
  };
  again();
  return () => {
    stopped = true;
    cancel();
  };
}
