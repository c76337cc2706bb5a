import { type AuthenticationCreds, type AuthenticationState, initAuthCreds } from 'baileys';
import { z } from 'zod';
import type { Clock } from '../../lookups/clock.js';
import { pause } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import { UnreadableCredentialsError } from './cipher.js';
import { type AuthStore, type Lease, LeaseLostError, signalKeys } from './auth-store.js';

const CATEGORY = 'creds';
const KEY = '';
const RETRY_MS = 1_000;

/** The session of one instance in Baileys' form. Saving loses no change, and saves never overlap. */
export interface Session {
  readonly auth: AuthenticationState;
  /** Says whether a phone has confirmed the pairing. */
  paired(): boolean;
  /**
   * Drops the identity of a pairing code that was never entered; WhatsApp would refuse this identity as logged out.
   */
  dropUnfinishedPairing(): void;
  /** Notes that the credentials changed; they are written soon, with retries until a write succeeds. */
  save(): void;
  /** Resolves when all changes noted so far are written, or dropped because the session was closed. */
  flush(): Promise<void>;
  /** Starts no more writes; {@link flush} waits for the writes under way. */
  close(): void;
}

const keyPair = z.object({ private: z.instanceof(Uint8Array), public: z.instanceof(Uint8Array) });
const identity = z.object({ noiseKey: keyPair, signedIdentityKey: keyPair });

/** Refuses a value without the keys of a session: Baileys would throw when its connection is half open. */
function credentialsIn(stored: unknown): AuthenticationCreds {
  if (identity.safeParse(stored).success) return stored as AuthenticationCreds;
  throw new UnreadableCredentialsError('stored credentials have no keys in them');
}

/**
 * Reads the session of the lease's instance. Creates new credentials only when there is no such row.
 *
 * @throws the error of a failed read; new credentials would destroy the pairing
 */
export async function loadSession(
  store: AuthStore,
  lease: Lease,
  clock: Clock,
  log: Logger,
): Promise<Session> {
  const stored = (await store.read(lease.instanceId, CATEGORY, [KEY])).get(KEY);
  const creds = stored === undefined ? initAuthCreds() : credentialsIn(stored);
  const closed = new AbortController();
  let dirty = false;
  let writing: Promise<void> | undefined;

  const writeUntilClean = async () => {
    try {
      while (dirty && !closed.signal.aborted) await writeOnce();
    } finally {
      // This runs in the same turn as the last check of `dirty`, so that no change falls in between.
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
      // A socket that ended still finishes its work, but its keys are no longer needed.
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
