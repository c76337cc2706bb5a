import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { type FakeWhatsApp, createFakeWhatsApp } from '../../fake-whatsapp/index.js';
import { type Bridge, type BridgeOptions, startBridge } from '../../src/bridge.js';
import { loadConfig } from '../../src/config/config.js';
import { createLogger } from '../../src/logging/logger.js';
import { type ApiClient, createApiClient } from './api-client.js';
import { type TestDatabase, createTestDatabase } from './database.js';
import { eventually } from './eventually.js';

export const token = 'token-for-tests';
export const encryptionKey = randomBytes(32).toString('base64');

export interface TestBridge extends Bridge {
  readonly api: ApiClient;
  /** Returns the whole log of the bridge. */
  readonly logged: () => string;
}

/** A fake WhatsApp, a database and any number of bridges. */
export interface World {
  readonly fake: FakeWhatsApp;
  readonly database: TestDatabase;
  environment(overrides?: Record<string, string>): Record<string, string>;
  bridge(overrides?: Record<string, string>, options?: Partial<BridgeOptions>): Promise<TestBridge>;
  /** Creates the instance and scans its QR code with the phone `account`. */
  pair(bridge: TestBridge, instanceId: string, account: string): Promise<void>;
  close(): Promise<void>;
}

export async function createWorld(): Promise<World> {
  const fake = await createFakeWhatsApp({});
  const database = await createTestDatabase();
  const running = new Set<TestBridge>();

  const environment = (overrides: Record<string, string> = {}) => ({
    BRIDGE_MODE: 'local',
    BRIDGE_PORT: '0',
    BRIDGE_TOKENS: token,
    BRIDGE_DATABASE_URL: database.url,
    BRIDGE_ENCRYPTION_KEY: encryptionKey,
    BRIDGE_LOG_LEVEL: 'debug',
    WHATSAPP_WEB_SOCKET_URL: fake.url,
    WHATSAPP_ROOT_PUBLIC_KEY: fake.rootPublicKey,
    ...overrides,
  });

  return {
    fake,
    database,
    environment,

    async bridge(overrides, options) {
      const config = loadConfig(environment(overrides));
      const lines: string[] = [];
      const sink = new Writable({
        write(chunk: Buffer, _encoding, done) {
          lines.push(chunk.toString());
          done();
        },
      });
      const bridge = await startBridge(config, { log: createLogger(config.logLevel, sink), ...options });
      const running_ = {
        url: bridge.url,
        api: createApiClient(bridge.url, token),
        logged: () => lines.join(''),
        async stop() {
          running.delete(running_);
          await bridge.stop();
        },
      };
      running.add(running_);
      return running_;
    },

    async pair(bridge, instanceId, account) {
      await bridge.api.post(`/instances/${instanceId}`);
      const qr = await eventually(async () => {
        const { body } = await bridge.api.get(`/instances/${instanceId}/qr`);
        return body.qr as string | null;
      });
      await fake.scan({ qr, jid: account });
      await bridge.api.untilState(instanceId, 'open');
    },

    async close() {
      await Promise.all([...running].map((each) => each.stop()));
      await fake.close();
      await database.drop();
    },
  };
}
