import type { SignalKeyStore } from 'baileys';

/** A token from a contact. With the token WhatsApp shows us a picture that it hides from strangers. */
export interface PrivacyToken {
  readonly token: Uint8Array;
  /** Unix seconds as text, unchanged. */
  readonly timestamp: string;
}

type Keys = Pick<SignalKeyStore, 'get' | 'set'>;
interface Entry {
  readonly token: Uint8Array;
  readonly timestamp?: string;
  readonly senderTimestamp?: number;
}

const BUCKET_SECONDS = 7 * 24 * 60 * 60;
const BUCKETS = 4;

/** Baileys' list of the contacts whose tokens it stored. */
const INDEX = '__index';

/**
 * Says whether a token is still valid: it must be from this bucket of seven days or from the three buckets before. A
 * token therefore lives for 21 to 28 days.
 *
 * @param timestamp Unix seconds
 */
export function isTokenFresh(timestamp: number, nowMs: number): boolean {
  const bucket = Math.floor(nowMs / 1_000 / BUCKET_SECONDS);
  return timestamp >= (bucket - (BUCKETS - 1)) * BUCKET_SECONDS;
}

/** Returns the newest usable token of a contact. Some tokens are stored under the LID, some under the number. */
export async function privacyTokenOf(
  keys: Keys,
  addresses: readonly (string | null)[],
  nowMs: number,
): Promise<PrivacyToken | undefined> {
  const holders = [...new Set(addresses.filter((address) => address !== null))];
  // Without a token we may miss a hidden photo. An error thrown here would cost the whole answer.
  const stored = await Promise.resolve(keys.get('tctoken', holders)).catch(() => undefined);
  return (
    holders
      .map((holder) => stored?.[holder] as Entry | null | undefined)
      // Some key stores answer null for a key that they do not have.
      .filter((entry) => entry !== undefined && entry !== null)
      .filter((entry) => isUsable(entry, nowMs))
      .map(({ token, timestamp = '0' }) => ({ token, timestamp }))
      .sort((a, b) => Number(b.timestamp) - Number(a.timestamp))[0]
  );
}

const isUsable = ({ token, timestamp }: Entry, nowMs: number): boolean =>
  token.length > 0 && timestamp !== undefined && isTokenFresh(Number(timestamp), nowMs);

/**
 * Removes tokens that are too old. Baileys removes them only for a device that shows itself as online.
 *
 * @returns the number of removed tokens
 */
export async function prunePrivacyTokens(keys: Keys, nowMs: number): Promise<number> {
  const holders = await readIndex(keys);
  if (holders.length === 0) return 0;
  const stored = await keys.get('tctoken', holders);
  const writes: Record<string, Entry | null> = {};
  const kept: string[] = [];
  for (const holder of holders) {
    const entry = stored[holder] as Entry | undefined;
    if (!entry) continue;
    // The time when we last gave the contact our token is kept for the lifetime of a token.
    const gave = entry.senderTimestamp !== undefined && isTokenFresh(entry.senderTimestamp, nowMs);
    if (isUsable(entry, nowMs)) kept.push(holder);
    else if (gave) {
      kept.push(holder);
      if (entry.token.length > 0) {
        writes[holder] = { token: Buffer.alloc(0), senderTimestamp: entry.senderTimestamp };
      }
    } else writes[holder] = null;
  }
  await writeIndex(keys, kept, writes);
  return Object.values(writes).length;
}

/** Removes the tokens of these addresses and their names from Baileys' list. */
export async function erasePrivacyTokens(keys: Keys, addresses: readonly string[]): Promise<void> {
  const kept = (await readIndex(keys)).filter((holder) => !addresses.includes(holder));
  await writeIndex(keys, kept, Object.fromEntries(addresses.map((address) => [address, null])));
}

async function readIndex(keys: Keys): Promise<string[]> {
  const { [INDEX]: entry } = await keys.get('tctoken', [INDEX]);
  if (!entry?.token.length) return [];
  try {
    const listed = JSON.parse(Buffer.from(entry.token).toString()) as unknown;
    const holders: unknown[] = Array.isArray(listed) ? listed : [];
    return holders.filter((each) => typeof each === 'string').filter((each) => each !== INDEX);
  } catch {
    return [];
  }
}

async function writeIndex(
  keys: Keys,
  holders: readonly string[],
  more: Record<string, Entry | null>,
): Promise<void> {
  const index = { token: Buffer.from(JSON.stringify(holders)) };
  await keys.set({ tctoken: { ...more, [INDEX]: index } });
}
