import type { Clock } from '../../lookups/clock.js';

export interface FakeClock extends Clock {
  /** Moves the time forward and runs the tasks that become due, in order. */
  advance(ms: number): void;
  /** Moves the time to the next scheduled task and runs it. @returns false when no task is scheduled */
  runNext(): boolean;
  pending(): number;
}

export function createFakeClock(start = Date.parse('2026-11-22T12:00:00Z')): FakeClock {
  let now = start;
  let counter = 0;
  const tasks = new Map<number, { at: number; task: () => void }>();

  const earliest = (limit: number) =>
    [...tasks].filter(([, { at }]) => at <= limit).sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];

  const run = (limit: number): boolean => {
    const next = earliest(limit);
    if (!next) return false;
    tasks.delete(next[0]);
    now = Math.max(now, next[1].at);
    next[1].task();
    return true;
  };

  return {
    now: () => now,
    schedule(task, delayMs) {
      const id = counter++;
      tasks.set(id, { at: now + delayMs, task });
      return () => tasks.delete(id);
    },
    advance(ms) {
      const until = now + ms;
      while (run(until));
      now = until;
    },
    runNext: () => run(Number.POSITIVE_INFINITY),
    pending: () => tasks.size,
  };
}
