import { type CacheStore } from 'baileys';

const LIMIT = 1_000;

/**
 * Small caches without timers, which end with the socket. Baileys' own caches would each have a timer and keep entries
 * for a week.
 */
export function socketCaches(): Record<
  'msgRetryCounterCache' | 'callOfferCache' | 'placeholderResendCache' | 'userDevicesCache',
  CacheStore
> {
  return {
    msgRetryCounterCache: boundedCache(),
    callOfferCache: boundedCache(),
    placeholderResendCache: boundedCache(),
    userDevicesCache: boundedCache(),
  };
}

function boundedCache(): CacheStore {
  const values = new Map<string, unknown>();
  return {
    get: <T>(key: string) => values.get(key) as T | undefined,
    set: (key, value) => {
      values.delete(key);
      values.set(key, value);
      const oldest = values.keys().next();
      if (values.size > LIMIT && !oldest.done) values.delete(oldest.value);
    },
    del: (key) => {
      values.delete(key);
    },
    flushAll: () => values.clear(),
  };
}
