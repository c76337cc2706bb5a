import type { Clock } from '../../lookups/clock.js';
import type { Config } from '../config/config.js';
import type { Pool } from '../database/pool.js';
import type { Logger } from '../logging/logger.js';
import type { Contacts } from '../../lookups/contacts.js';
import type { Metrics } from '../metrics/metrics.js';
import type { WASocket } from '../whatsapp/socket.js';
import type { ConnectionUpdate } from './event.js';
import { startDelivery } from './delivery.js';
import { createIntake } from './intake.js';
import { listen } from './listen.js';
import { createOutbox } from './outbox.js';
import { createRecentWriters } from './recent-writers.js';
import { createSend } from './send.js';

const FINISH_MS = 2_000;

/** Tells the receiver about changes and messages of contacts. */
export interface Events {
  listenTo(instanceId: string, socket: WASocket): void;
  /** Something about a number that its operator should know. */
  tell(instanceId: string, update: ConnectionUpdate['data'][number]): void;
  /** Drops events under way about these people from these numbers; from all numbers when none is named. */
  erase(addresses: readonly string[], instanceIds: readonly string[]): Promise<void>;
  outboxLength(): Promise<number>;
  /** Keeps the outbox within its bounds of number and age. */
  trim(): Promise<void>;
  /** Stores the events that were taken, and lets deliveries finish. */
  stop(): Promise<void>;
}

/** Without a receiver the bridge listens to nothing and adds no events. Earlier events grow old and may be erased. */
export function noEvents(pool: Pool, outboxDays: number): Events {
  const outbox = createOutbox(pool);
  return {
    listenTo: () => undefined,
    tell: () => undefined,
    erase: (addresses, instanceIds) => outbox.erase(addresses, instanceIds),
    outboxLength: () => outbox.length(),
    async trim() {
      await outbox.expire(outboxDays);
    },
    stop: async () => undefined,
  };
}

export interface EventsPorts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly pool: Pool;
  readonly contacts: Contacts;
  readonly metrics: Metrics;
}

export function startEvents(
  config: NonNullable<Config['events']>,
  outboxDays: number,
  ports: EventsPorts,
): Events {
  const { clock, metrics } = ports;
  const outbox = createOutbox(ports.pool);
  const send = createSend(config.receiverUrl, config.secret, clock);
  const delivery = startDelivery({ ...ports, outbox, send, onResult: (result) => metrics.delivery(result) });
  const intake = createIntake({
    ...ports,
    outbox,
    onStored: () => delivery.wake(),
    onDropped: (count) => metrics.eventsDropped(count),
  });
  const writers = createRecentWriters(clock, config.inboundEventSeconds);
  return {
    listenTo: (instanceId, socket) =>
      listen(instanceId, socket, {
        clock,
        contacts: ports.contacts,
        writers,
        emit: (event) => intake.take(event),
      }),
    tell: (instanceId, update) =>
      intake.take({
        event: 'connection.update',
        instance_id: instanceId,
        timestamp: new Date(clock.now()).toISOString(),
        data: [update],
      }),
    async erase(addresses, instanceIds) {
      writers.erase(addresses);
      await intake.settled();
      await outbox.erase(addresses, instanceIds);
    },
    outboxLength: () => outbox.length(),
    async trim() {
      const dropped = (await outbox.trim(config.outboxLimit)) + (await outbox.expire(outboxDays));
      if (dropped > 0) metrics.eventsDropped(dropped);
    },
    async stop() {
      const tooLate = new AbortController();
      const cancel = clock.schedule(() => tooLate.abort(), FINISH_MS);
      await intake.finish(tooLate.signal);
      cancel();
      await delivery.stop();
    },
  };
}
