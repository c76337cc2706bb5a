const LONGEST_POLL_MS = 20;

/** Calls `probe` until it returns a truthy value; at the deadline it fails with the last error or result. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  deadlineMs = 30_000,
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const deadline = Date.now() + deadlineMs;
  for (let pollMs = 1; ; pollMs = Math.min(2 * pollMs, LONGEST_POLL_MS)) {
    let last: unknown;
    try {
      const answer = await probe();
      if (answer) return answer as Exclude<T, undefined | null | false | 0 | ''>;
      last = answer;
    } catch (err) {
      last = err;
    }
    if (Date.now() > deadline) {
      throw last instanceof Error ? last : new Error(`never came true; the last answer was ${String(last)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
