/** Cancels the scheduled task; does nothing when the task already ran. */
export type Cancel = () => void;

/** The bridge's source of time, so that a test can simulate a day of reconnects. */
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

/** Resolves after `delayMs`, or at once when `signal` aborts; the caller checks the signal to tell the two apart. */
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

/** Says that a wait took too long. */
export class DeadlineError extends Error {}

/**
 * Waits for `work` for at most `limitMs`. Late work goes on, and its result is ignored.
 *
 * @throws DeadlineError after `limitMs`
 */
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
