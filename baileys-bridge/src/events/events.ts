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
  /** Reports a change of an instance to its operator. */
  tell(instanceId: string, update: ConnectionUpdate['data'][number]): void;
  /** Drops pending events about these people from these instances, or from all instances when none is given. */
  erase(addresses: readonly string[], instanceIds: readonly string[]): Promise<void>;
  outboxLength(): Promise<number>;
  /** Keeps the outbox within its limits of size and age. */
  trim(): Promise<void>;
  /** Stores the accepted events, and lets deliveries finish. */
  stop(): Promise<void>;
}

/** Events without a receiver: nothing is listened to or added. Earlier events still expire and can be erased. */
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
