import { type AuthenticationCreds, type AuthenticationState, initAuthCreds } from 'baileys';
import type { Clock } from '../../lookups/clock.js';
import { pause } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import { type AuthStore, type Lease, LeaseLostError, signalKeys } from './auth-store.js';

const CATEGORY = 'creds';
const KEY = '';
const RETRY_MS = 1_000;

/** One number's session as Baileys wants it. Saving loses no change, and saves never overlap. */
export interface Session {
  readonly auth: AuthenticationState;
  /** True once a phone has confirmed the pairing. */
  paired(): boolean;
  /**
   * Drops the identity that a pairing code leaves behind when nobody enters it; WhatsApp would refuse it as logged out.
   */
  dropUnfinishedPairing(): void;
  /** Notes that the credentials changed; they are written soon, again and again until it succeeds. */
  save(): void;
  /** Resolves when everything noted so far is written, or was given up because the session was closed. */
  flush(): Promise<void>;
  /** Starts no more writes; {@link flush} waits for those under way. */
  close(): void;
}

/**
 * Reads the session of the lease's instance. Only an answer of "no such row" makes new credentials.
 *
 * @throws the read's error; fresh credentials would destroy the pairing, so a failed read never makes any
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
    try {
      while (dirty && !closed.signal.aborted) await writeOnce();
    } finally {
      // Right after the last look at `dirty`, without a pause, so that no change falls in between.
      writing = undefined;
    }
  };

  const writeOnce = async () => {
    dirty = false;
    try {
      await store.write(lease, { [CATEGORY]: { [KEY]: creds } });
    } catch (err) {
      if (err instanceof LeaseLostError) return closed.abort();
      log.warn({ err, instance: lease.instanceId }, 'credentials could not be written yet');
      dirty = true;
      await pause(clock, RETRY_MS, closed.signal);
    }
  };

  const inStore = signalKeys(store, lease);
  const underWay = new Set<Promise<void>>();
  const keys: typeof inStore = {
    get: (type, ids) => inStore.get(type, ids),
    async set(data) {
      // A socket that ended still finishes its work, but nobody needs its keys any more.
      if (closed.signal.aborted) return;
      const write = inStore.set(data);
      underWay.add(write);
      try {
        await write;
      } finally {
        underWay.delete(write);
      }
    },
  };

  return {
    auth: { creds, keys },
    paired: () => creds.account !== undefined,
    dropUnfinishedPairing() {
      if (!creds.me || creds.account) return;
      delete creds.me;
      creds.pairingCode = undefined;
    },
    save() {
      dirty = true;
      if (!closed.signal.aborted) writing ??= writeUntilClean();
    },
    async flush() {
      await Promise.allSettled([writing, ...underWay]);
    },
    close: () => closed.abort(),
  };
}
