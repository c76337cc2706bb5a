import { expect, test } from 'vitest';
import { isTokenFresh, privacyTokenOf, prunePrivacyTokens } from '../lookups/privacy-tokens.js';

const DAY = 86_400;
const WEEK = 7 * DAY;
/** The first second of a bucket. */
const monday = 3_000 * WEEK;

interface Entry {
  token: Buffer;
  timestamp?: string;
  senderTimestamp?: number;
}

function keysWith(stored: Record<string, Entry | null>) {
  return {
    stored,
    get: async (_type: string, ids: string[]) =>
      Object.fromEntries(ids.map((id) => [id, stored[id] ?? null])) as never,
    set: async (data: { tctoken?: Record<string, Entry | null> }) => void Object.assign(stored, data.tctoken),
  };
}
const token = (name: string, at: number): Entry => ({ token: Buffer.from(name), timestamp: String(at) });
const index = (...holders: string[]): Entry => ({ token: Buffer.from(JSON.stringify(holders)) });

test.each([
  ['at the start of a bucket 21 days are the most', monday, monday - 3 * WEEK, true],
  ['at the start of a bucket more than 21 days are too old', monday, monday - 3 * WEEK - 1, false],
  ['at the end of a bucket nearly 28 days are the most', monday + WEEK - 1, monday - 3 * WEEK, true],
  ['at the end of a bucket more are too old', monday + WEEK - 1, monday - 3 * WEEK - 1, false],
])('%s', (_what, now, at, fresh) => {
  expect(isTokenFresh(at, now * 1_000)).toBe(fresh);
});

test('the newest of the tokens under LID and number is shown, and key stores may answer null', async () => {
  const keys = keysWith({
    '1@lid': token('old', monday - WEEK),
    '1@s.whatsapp.net': token('new', monday - DAY),
  });

  const found = await privacyTokenOf(
    keys as never,
    ['1@lid', '1@s.whatsapp.net', null, '2@lid'],
    monday * 1_000,
  );

  expect(found && Buffer.from(found.token).toString()).toBe('new');
  expect(await privacyTokenOf(keys as never, ['2@lid'], monday * 1_000)).toBeUndefined();
});

test('old tokens are pruned, and what we gave is remembered as long as a token', async () => {
  const keys = keysWith({
    fresh: token('fresh', monday - DAY),
    old: token('old', monday - 5 * WEEK),
    given: { ...token('old', monday - 5 * WEEK), senderTimestamp: monday - DAY },
    __index: index('fresh', 'old', 'given', 'gone'),
  });

  expect(await prunePrivacyTokens(keys as never, monday * 1_000)).toBe(2);

  expect(keys.stored).toMatchObject({ fresh: { timestamp: String(monday - DAY) }, old: null });
  expect(keys.stored.given).toEqual({ token: Buffer.alloc(0), senderTimestamp: monday - DAY });
  expect(JSON.parse(String(keys.stored.__index?.token))).toEqual(['fresh', 'given']);
});
