import { type AuthenticationCreds, type AuthenticationState, initAuthCreds } from 'baileys';
import type { Clock } from '../clock.js';
import { pause } from '../clock.js';
import type { Logger } from '../logging/logger.js';
import { type AuthStore, type Lease, LeaseLostError, signalKeys } from './auth-store.js';

const CATEGORY = 'creds';
const KEY = '';
const RETRY_MS = 1_000;

/** One number's session as Baileys wants it, with saving that neither loses nor overlaps. */
export interface Session {
  readonly auth: AuthenticationState;
  /** True once a phone has confirmed the pairing. */
  paired(): boolean;
  /** A pairing code that nobody entered leaves an identity behind that WhatsApp would refuse as logged out. */
  dropUnfinishedPairing(): void;
  /** Notes that the credentials changed; they are written soon, again and again until it succeeds. */
  save(): void;
  /** Resolves when everything noted so far is written, or the session was closed. */
  flush(): Promise<void>;
  /** Writes no more. */
  close(): void;
}

/**
 * Reads the session of the lease's instance. Only an answer of "no such row" makes new credentials.
 *
 * @throws whatever the read failed with: never answered by fresh credentials, which would destroy the pairing
 */
export async function loadSession(
  store: AuthStore,
  lease: Lease,
  clock: Clock,
  log: Logger,
): Promise<Session> {
  const stored = (await store.read(lease.instanceId, CATEGORY, [KEY])).get(KEY);
  const creds = stored === undefined ? initAuthCreds() : (stored as AuthenticationCreds);
  const closed = new AbortController();
  let dirty = false;
  let writing: Promise<void> | undefined;

  const writeUntilClean = async () => {
    while (dirty && !closed.signal.aborted) {
      dirty = false;
      try {
        await store.write(lease, { [CATEGORY]: { [KEY]: creds } });
      } catch (err) {
        if (err instanceof LeaseLostError) return closed.abort();
        log.warn({ err, instance: lease.instanceId }, 'credentials could not be written yet');
        dirty = true;
        await pause(clock, RETRY_MS, closed.signal);
      }
    }
  };

  return {
    auth: { creds, keys: signalKeys(store, lease) },
    paired: () => creds.account !== undefined,
    dropUnfinishedPairing() {
      if (!creds.me || creds.account) return;
      delete creds.me;
      creds.pairingCode = undefined;
    },
    save() {
      dirty = true;
      writing ??= writeUntilClean().finally(() => (writing = undefined));
    },
    async flush() {
      await writing;
    },
    close: () => closed.abort(),
  };
}
