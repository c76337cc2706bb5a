/** Cancels what was scheduled; harmless when it already ran. */
export type Cancel = () => void;

/** Time as the bridge sees it, so that a day of reconnects can be lived through in a test. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` once after `delayMs`. */
  schedule(task: () => void, delayMs: number): Cancel;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (task, delayMs) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` aborts: the caller looks at the signal to know which. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted || delayMs <= 0) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.schedule(finish, delayMs);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** Marks a wait that took too long. */
export class DeadlineError extends Error {}

/** `work`, or a {@link DeadlineError} after `limitMs`. Work that is late goes on, and its result is ignored. */
export async function withDeadline<T>(clock: Clock, limitMs: number, work: Promise<T>): Promise<T> {
  let cancel: Cancel = () => undefined;
  const late = new Promise<never>((_, reject) => {
    cancel = clock.schedule(() => reject(new DeadlineError(`not done within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
