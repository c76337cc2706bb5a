import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Waits } from '../cdn/waits.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('answers that are kept waiting', () => {
  it('go on when their time has come, and leave nothing behind', async () => {
    const waits = new Waits();
    const paused = waits.pause(1_000);

    await vi.advanceTimersByTimeAsync(1_000);

    await paused;
    waits.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('all end when the server closes, with their timers', async () => {
    const waits = new Waits();
    const waiting = [waits.pause(600_000), waits.forever(), waits.forever()];
    expect(vi.getTimerCount()).toBe(1);

    waits.close();

    await Promise.all(waiting);
    expect(vi.getTimerCount()).toBe(0);
  });
});
