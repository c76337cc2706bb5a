import { type Clock, pause } from '../clock.js';

/** Spaces what one number asks WhatsApp: never a burst, not even after a quiet hour. */
export interface Pace {
  /** Resolves when the next question may leave, or when `signal` aborts. */
  slot(signal: AbortSignal): Promise<void>;
  /** How long `waiting` questions will need from now, in seconds, at least 1. */
  estimateSeconds(waiting: number): number;
}

/** Up to this part of the interval is added or taken away, since machines ask evenly and people do not. */
const JITTER = 0.2;

/** @param random 0 (inclusive) to 1 (exclusive) */
export function createPace(clock: Clock, random: () => number, perMinute: number): Pace {
  const interval = 60_000 / perMinute;
  let next = 0;
  return {
    async slot(signal) {
      const now = clock.now();
      const start = Math.max(now, next);
      next = start + interval * (1 - JITTER + 2 * JITTER * random());
      await pause(clock, start - now, signal);
    },
    estimateSeconds: (waiting) => Math.max(1, Math.ceil((waiting * interval) / 1_000)),
  };
}
