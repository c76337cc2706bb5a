import { type Clock, pause } from './clock.js';

/** Limits how many questions are under way at a time. A question that would wait too long is refused. */
export interface Turns {
  /** @returns a function that ends the turn; undefined when no turn came within `mostMs`, or `signal` aborted */
  enter(mostMs: number, signal: AbortSignal): Promise<(() => void) | undefined>;
  /** Returns the number of questions that wait or are under way. */
  length(): number;
}

export function createTurns(clock: Clock, places: number): Turns {
  let underWay = 0;
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next) next();
    else underWay--;
  };
  return {
    async enter(mostMs, signal) {
      if (underWay < places) {
        underWay++;
        return leave;
      }
      const over = new AbortController();
      let admitted = false;
      const admit = () => {
        admitted = true;
        over.abort();
      };
      waiting.push(admit);
      const end = () => over.abort();
      signal.addEventListener('abort', end, { once: true });
      await pause(clock, mostMs, over.signal);
      signal.removeEventListener('abort', end);
      if (admitted) return leave;
      waiting.splice(waiting.indexOf(admit), 1);
      return undefined;
    },
    length: () => underWay + waiting.length,
  };
}
