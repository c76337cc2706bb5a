import { z } from 'zod';
import type { AuthStore, Lease } from '../auth-state/auth-store.js';

const CATEGORY = 'settings';
const KEY = 'proxy';

/**
 * The URL of an instance's proxy: `http://`, `https://`, `socks4://`, `socks5://` or `socks5h://`, with user and
 * password.
 */
export const proxyUrl = z
  .string()
  .max(500)
  .refine((text) => URL.canParse(text) && /^(https?|socks[45]h?):$/.test(new URL(text).protocol), {
    message: 'must be a URL that starts with http://, https://, socks4://, socks5:// or socks5h://',
  });

/** Reads the proxy. It is stored encrypted beside the session, since its URL holds a password. */
export async function readProxy(store: AuthStore, instanceId: string): Promise<string | null> {
  const stored = (await store.read(instanceId, CATEGORY, [KEY])).get(KEY);
  return typeof stored === 'string' ? stored : null;
}

export async function writeProxy(store: AuthStore, lease: Lease, url: string | null): Promise<void> {
  await store.write(lease, { [CATEGORY]: { [KEY]: url } });
}
