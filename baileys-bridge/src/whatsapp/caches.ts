import { type CacheStore } from 'baileys';

const LIMIT = 1_000;

/**
 * The caches that Baileys would otherwise make for itself with a timer each and a week's memory. These are small,
 * have no timers and die with the socket.
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
