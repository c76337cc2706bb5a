import type { Clock } from '../../lookups/clock.js';
import type { Person } from './event.js';

const LIMIT = 10_000;

/** Remembers recent senders: one event per contact and interval is enough to check a picture again. */
export interface RecentWriters {
  /** Says whether this is the first message of a contact within the interval. */
  isNews(instanceId: string, person: Person): boolean;
  erase(addresses: readonly string[]): void;
}

export function createRecentWriters(clock: Clock, intervalSeconds: number): RecentWriters {
  const quietUntil = new Map<string, number>();
  return {
    isNews(instanceId, person) {
      if (intervalSeconds === 0) return true;
      const key = `${instanceId} ${person.jid ?? person.lid}`;
      if ((quietUntil.get(key) ?? 0) > clock.now()) return false;
      quietUntil.delete(key);
      quietUntil.set(key, clock.now() + intervalSeconds * 1_000);
      const oldest = quietUntil.keys().next();
      if (quietUntil.size > LIMIT && !oldest.done) quietUntil.delete(oldest.value);
      return true;
    },
    erase(addresses) {
      for (const key of quietUntil.keys()) {
        if (addresses.some((address) => key.endsWith(` ${address}`))) quietUntil.delete(key);
      }
    },
  };
}
