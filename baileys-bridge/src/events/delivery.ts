import PQueue from 'p-queue';
import { type Clock, pause } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import type { Outbox, OutboxEntry } from './outbox.js';
import type { Send, SendResult } from './send.js';

const BATCH = 20;
const CONCURRENCY = 4;
/** The interval of the checks for due entries without a wake-up. */
const POLL_MS = 5_000;
/** The time that a stop waits for a receiver that does not answer. */
const GRACE_MS = 2_000;
const RETRY_BASE_SECONDS = 1;
const RETRY_CAP_SECONDS = 60;
const LONGEST_RETRY_AFTER_SECONDS = 600;

export interface DeliveryPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly outbox: Outbox;
  readonly send: Send;
  readonly onResult: (result: 'delivered' | 'retried' | 'refused') => void;
}

/** Sends the outbox's events to the receiver, each at least once. */
export interface Delivery {
  wake(): void;
  /** Waits up to 2 s for the attempts under way; the next process sends the remaining events. */
  stop(): Promise<void>;
}

/**
 * Returns an exponential delay with full jitter.
 *
 * @param failures the number of failures, from 1
 * @returns seconds
 */
export function retrySeconds(failures: number, random: number): number {
  return random * Math.min(RETRY_CAP_SECONDS, RETRY_BASE_SECONDS * 2 ** Math.min(failures, 16));
}

export function startDelivery(ports: DeliveryPorts): Delivery {
  const { clock, log, outbox } = ports;
  const stopping = new AbortController();
  const cutOff = new AbortController();
  let alarm = new AbortController();
  let woken = false;

  const settle = async (entry: OutboxEntry, result: SendResult): Promise<void> => {
    switch (result.kind) {
      case 'delivered':
        ports.onResult('delivered');
        return outbox.delete(entry);
      case 'refused':
        ports.onResult('refused');
        log.error({ event: entry.eventId, why: result.why }, 'the receiver refuses an event; it is dropped');
        return outbox.delete(entry);
      case 'failed': {
        ports.onResult('retried');
        const asked = Math.min(result.retryAfterSeconds ?? 0, LONGEST_RETRY_AFTER_SECONDS);
        const seconds = Math.max(asked, retrySeconds(entry.attempts, ports.random()));
        log.warn(
          { event: entry.eventId, attempts: entry.attempts, why: result.why },
          'the receiver did not take an event',
        );
        return outbox.postpone(entry, seconds, result.why);
      }
    }
  };

  const giveBack = async (entry: OutboxEntry): Promise<'failed'> => {
    await outbox.postpone(entry, 0, 'the bridge was stopped');
    return 'failed';
  };

  /** @returns the number of claimed entries, and whether the receiver answered at least one of them finally */
  const deliverBatch = async (): Promise<{ size: number; anyTaken: boolean }> => {
    const entries = await outbox.claim(BATCH);
    const queue = new PQueue({ concurrency: CONCURRENCY });
    const results = await queue.addAll(
      entries.map((entry) => async () => {
        if (stopping.signal.aborted) return giveBack(entry);
        const result = await ports.send(entry.eventId, entry.body, cutOff.signal);
        await settle(entry, result);
        return result.kind;
      }),
    );
    return { size: entries.length, anyTaken: results.some((kind) => kind !== 'failed') };
  };

  const untilWoken = async (ms: number): Promise<void> => {
    if (woken || stopping.signal.aborted) return;
    alarm = new AbortController();
    await pause(clock, ms, alarm.signal);
  };

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        const { size, anyTaken } = await deliverBatch();
        if (size === 0) await untilWoken(POLL_MS);
        else if (anyTaken) failures = 0;
        // The receiver is down. The retry is one batch at a time, not every event by itself.
        else await pause(clock, retrySeconds(++failures, ports.random()) * 500, stopping.signal);
      } catch (err) {
        log.warn({ err }, 'the outbox could not be read');
        await pause(clock, POLL_MS, stopping.signal);
      }
    }
  };

  const running = run();
  return {
    wake() {
      woken = true;
      alarm.abort();
    },
    async stop() {
      stopping.abort();
      alarm.abort();
      const cancel = clock.schedule(() => cutOff.abort(), GRACE_MS);
      await running;
      cancel();
    },
  };
}
