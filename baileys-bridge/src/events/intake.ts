import { type Clock, pause } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import type { BridgeEvent } from './event.js';
import type { Outbox } from './outbox.js';

const RETRY_MS = 1_000;
const BATCH = 500;
/** The maximum number of events in memory while the database is down. */
const LIMIT = 10_000;

/** Moves events from memory into the outbox, in order, with retries until the database stores them. */
export interface Intake {
  take(event: BridgeEvent): void;
  /** Resolves when no event is being stored. */
  settled(): Promise<void>;
  /** Resolves when all accepted events are stored, or `signal` aborts. */
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
      // This runs in the same turn as the last check of `waiting`, so that no event falls in between.
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
      waiting.push(JSON.stringify(event, storable));
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

/** Takes U+0000 and halves of surrogate pairs out of a text: a name may have them, and Postgres has no jsonb for them. */
const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '') : value;
