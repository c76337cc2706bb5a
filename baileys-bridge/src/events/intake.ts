import { type Clock, pause } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import type { BridgeEvent } from './event.js';
import type { Outbox } from './outbox.js';

const RETRY_MS = 1_000;
const BATCH = 500;
/** How many events are kept in memory while the database is away. */
const LIMIT = 10_000;

/** Brings events from memory into the outbox, in order, again and again until the database takes them. */
export interface Intake {
  take(event: BridgeEvent): void;
  /** Resolves when nothing is being stored. */
  settled(): Promise<void>;
  /** Resolves when everything taken is stored, or `signal` aborts. */
  finish(signal: AbortSignal): Promise<void>;
}

export interface IntakePorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly outbox: Outbox;
  readonly onStored: () => void;
  readonly onDropped: (count: number) => void;
}

export function createIntake({ clock, log, outbox, onStored, onDropped }: IntakePorts): Intake {
  const waiting: string[] = [];
  let storing: Promise<void> | undefined;
  let givenUp = new AbortController().signal;

  const store = async () => {
    try {
      while (waiting.length > 0 && !givenUp.aborted) await storeOnce();
    } finally {
      // Right after the last look at `waiting`, without a pause, so that no event falls in between.
      storing = undefined;
    }
  };

  const storeOnce = async () => {
    const batch = waiting.slice(0, BATCH);
    try {
      await outbox.add(batch);
      waiting.splice(0, batch.length);
      onStored();
    } catch (err) {
      log.warn({ err, waiting: waiting.length }, 'events could not be stored yet');
      await pause(clock, RETRY_MS, givenUp);
    }
  };

  return {
    take(event) {
      if (waiting.length >= LIMIT) return onDropped(1);
      waiting.push(JSON.stringify(event));
      if (!givenUp.aborted) storing ??= store();
    },
    async settled() {
      await storing;
    },
    async finish(signal) {
      givenUp = signal;
      await storing;
    },
  };
}
