import { createAuthStore } from '../../src/auth-state/auth-store.js';
import { createCipher } from '../../src/auth-state/cipher.js';
import { loadSession } from '../../src/auth-state/credentials.js';
import { type Clock, systemClock } from '../../lookups/clock.js';
import { createAdmission } from '../../src/instances/admission.js';
import type { Instance } from '../../src/instances/instance-ports.js';
import { createInstance } from '../../src/instances/instance.js';
import { createLogger } from '../../src/logging/logger.js';
import { socketOpener } from '../../src/whatsapp/socket.js';
import { eventually } from './eventually.js';
import type { World } from './world.js';

export interface LiveInstance {
  readonly instance: Instance;
  /** The reasons why its connections ended, in order. */
  readonly reconnects: string[];
}

/** Creates one instance without a bridge, with a clock from the test; Baileys and the store use the real time. */
export async function createLiveInstance(
  world: World,
  id: string,
  clock: Clock,
  random: () => number,
  webSocketUrl = world.fake.url,
  admission = createAdmission(1),
): Promise<LiveInstance> {
  const { pool } = world.database;
  await pool.query('INSERT INTO bridge.instances (id, fence) VALUES ($1, 1)', [id]);
  const lease = { instanceId: id, fence: '1' };
  const store = createAuthStore(pool, createCipher(Buffer.alloc(32, 3)));
  const log = createLogger('silent');
  const reconnects: string[] = [];
  const instance = createInstance(
    id,
    {
      clock,
      random,
      log,
      openSocket: socketOpener(
        { webSocketUrl, rootPublicKey: Buffer.from(world.fake.rootPublicKey, 'base64') },
        log,
      ),
      admission,
      loadSession: () => loadSession(store, lease, systemClock, log),
      clearSession: () => store.clear(lease),
      onStatus: () => undefined,
      onReconnect: (reason) => reconnects.push(reason),
      proxy: async () => null,
      onRestricted: () => undefined,
      onOutdated: async () => undefined,
      onSocket: () => undefined,
    },
    { state: 'connecting', reason: null, since: new Date(clock.now()).toISOString() },
  );
  return { instance, reconnects };
}

/** Scans the instance's QR code with the phone `account`. */
export async function pairLiveInstance(
  world: World,
  { instance }: LiveInstance,
  account: string,
): Promise<void> {
  instance.connect();
  const qr = await eventually(() => instance.qr());
  await world.fake.scan({ qr, jid: account });
  await eventually(() => instance.status().state === 'open');
}
