import { z } from 'zod';
import { UnreadableCredentialsError } from '../auth-state/cipher.js';
import type { AuthStore, Lease } from '../auth-state/auth-store.js';

const CATEGORY = 'settings';
const KEY = 'proxy';

/** SOCKS5 says the length of a user and of a password with one byte each (RFC 1929). */
const SOCKS5_LONGEST = 255;

/** The stored text is no URL of a proxy. A repetition would not help; a change of the setting does. */
export class InvalidProxyError extends Error {}

/**
 * The URL of an instance's proxy: `http://`, `https://`, `socks4://`, `socks5://` or `socks5h://`, with user and
 * password. What the agents cannot use is refused here: they would throw when the connection is half open.
 */
export const proxyUrl = z
  .string()
  .max(500)
  .superRefine((text, context) => {
    const problem = problemOf(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });

/** Says what is wrong with the URL. The answer quotes nothing of it, because it may hold a password. */
function problemOf(text: string): string | undefined {
  if (!URL.canParse(text) || !/^(https?|socks4|socks5h?):$/.test(new URL(text).protocol)) {
    return 'must be a URL that starts with http://, https://, socks4://, socks5:// or socks5h://';
  }
  const { protocol, hostname, username, password } = new URL(text);
  if (hostname === '') return 'must name a host, for example socks5://host:1080';
  const credentials = [decoded(username), decoded(password)];
  if (credentials.includes(undefined)) return 'must write a % in the user or the password as %25';
  if (
    protocol.startsWith('socks5') &&
    credentials.some((each = '') => Buffer.byteLength(each) > SOCKS5_LONGEST)
  ) {
    return `must have a user and a password of at most ${SOCKS5_LONGEST} bytes each`;
  }
  return undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads the proxy, with user and password encoded in the one way that every agent decodes. It is stored encrypted beside
 * the session, since its URL holds a password.
 *
 * @throws InvalidProxyError when the stored value, which an earlier release may have accepted, cannot be used
 */
export async function readProxy(store: AuthStore, instanceId: string): Promise<string | null> {
  const stored = (await readStored(store, instanceId)).get(KEY);
  if (typeof stored !== 'string') return null;
  const problem = problemOf(stored);
  if (problem !== undefined) throw new InvalidProxyError(`the proxy of ${instanceId} ${problem}`);
  const url = new URL(stored);
  url.username = encodeURIComponent(decodeURIComponent(url.username));
  url.password = encodeURIComponent(decodeURIComponent(url.password));
  return url.href;
}

/** A value that cannot be decrypted would stay so; the session itself may be readable. */
function readStored(store: AuthStore, instanceId: string): Promise<Map<string, unknown>> {
  return store.read(instanceId, CATEGORY, [KEY]).catch((err: unknown) => {
    if (!(err instanceof UnreadableCredentialsError)) throw err;
    throw new InvalidProxyError(`the proxy of ${instanceId} cannot be decrypted`, { cause: err });
  });
}

export async function writeProxy(store: AuthStore, lease: Lease, url: string | null): Promise<void> {
  await store.write(lease, { [CATEGORY]: { [KEY]: url } });
}
