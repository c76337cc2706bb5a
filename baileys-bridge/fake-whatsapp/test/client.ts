import makeWASocket, {
  type AuthenticationCreds,
  type BaileysEventMap,
  BufferJSON,
  initAuthCreds,
  type SignalDataTypeMap,
  type UserFacingSocketConfig,
  WA_CERT_DETAILS,
  type WASocket,
} from 'baileys';
import { pino } from 'pino';
import type { FakeWhatsApp } from '../index.js';

const logger = pino({ level: process.env['BAILEYS_LOG'] ?? 'silent' });

/** The time that a test waits for an expected event. */
const DEADLINE_MS = 15_000;

/** The keys of one device, in memory; they survive a restart of its client. */
export interface Device {
  creds: AuthenticationCreds;
  keys: Map<string, string>;
}

export const newDevice = (): Device => ({ creds: initAuthCreds(), keys: new Map() });

/** Creates a device that claims to be paired, although no phone ever scanned its code. */
export function unpairedDevice(user: string, device = 3): Device {
  const created = newDevice();
  Object.assign(created.creds, {
    me: { id: `${user}:${device}@s.whatsapp.net`, name: 'Me' },
    registered: true,
    accountSyncCounter: 1,
  });
  return created;
}

/** A real Baileys client that records its events. */
export interface Client {
  readonly sock: WASocket;
  readonly device: Device;
  /** All events so far, oldest first. */
  readonly events: Partial<BaileysEventMap>[];
  end(): Promise<void>;
}

const clients = new Set<Client>();

/** Connects the unmodified Baileys client to the fake server. */
export function connect(
  server: FakeWhatsApp,
  device: Device = newDevice(),
  config: Partial<UserFacingSocketConfig> = {},
): Client {
  WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(server.rootPublicKey, 'base64');
  const sock = makeWASocket({
    auth: { creds: device.creds, keys: keyStore(device) },
    waWebSocketUrl: server.url,
    logger,
    connectTimeoutMs: 5_000,
    // Without a wait for history, events are not delayed for 20 s after the first login.
    shouldSyncHistoryMessage: () => false,
    ...config,
  });
  const events: Partial<BaileysEventMap>[] = [];
  sock.ev.process((map) => {
    events.push(map);
    if (map['creds.update']) {
      Object.assign(device.creds, map['creds.update']);
    }
  });
  const client: Client = {
    sock,
    device,
    events,
    async end() {
      clients.delete(client);
      await sock.end(undefined);
      sock.signalRepository.close?.();
    },
  };
  clients.add(client);
  return client;
}

/** Ends the connections that a test left open. */
export async function endAll(): Promise<void> {
  await Promise.all([...clients].map((client) => client.end()));
}

/** Pairs a new device by QR code, and connects it again as WhatsApp requires. Resolves when the connection is open. */
export async function pairedClient(
  server: FakeWhatsApp,
  user: string,
  config: Partial<UserFacingSocketConfig> = {},
): Promise<Client> {
  const pairing = connect(server);
  const qr = await eventually(() => connectionUpdates(pairing).find((update) => update.qr)?.qr);
  await server.scan({ qr, jid: user });
  await closeReason(pairing);
  await pairing.end();
  return opened(connect(server, pairing.device, config));
}

export const connectionUpdates = (client: Client) =>
  client.events.flatMap((map) => map['connection.update'] ?? []);

/** Resolves with the client when its connection is open. */
export async function opened(client: Client, deadlineMs = DEADLINE_MS): Promise<Client> {
  await eventually(
    () => connectionUpdates(client).some((update) => update.connection === 'open'),
    deadlineMs,
  );
  return client;
}

/** Returns the client's status code for the end of its connection. */
export async function closeReason(client: Client): Promise<number | undefined> {
  const last = await eventually(() =>
    connectionUpdates(client).find((update) => update.connection === 'close'),
  );
  return statusCode(last.lastDisconnect?.error);
}

function statusCode(error: unknown): number | undefined {
  return (error as { output?: { statusCode?: number } } | undefined)?.output?.statusCode;
}

/** Polls until the probe returns a truthy value. Fails at the deadline. */
export async function eventually<T>(
  probe: () => T | undefined | null | false | Promise<T | undefined | null | false>,
  deadlineMs = DEADLINE_MS,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== null && value !== false) {
      return value;
    }
    if (Date.now() > deadline) {
      throw new Error(`did not happen within ${deadlineMs} ms: ${probe.toString()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function keyStore({ keys }: Device) {
  return {
    get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const found: Record<string, SignalDataTypeMap[T]> = {};
      for (const id of ids) {
        const text = keys.get(`${type}/${id}`);
        if (text !== undefined) {
          found[id] = JSON.parse(text, BufferJSON.reviver) as SignalDataTypeMap[T];
        }
      }
      return found;
    },
    set(data: Record<string, Record<string, unknown>>) {
      for (const [type, records] of Object.entries(data)) {
        for (const [id, value] of Object.entries(records)) {
          if (value === null || value === undefined) {
            keys.delete(`${type}/${id}`);
          } else {
            keys.set(`${type}/${id}`, JSON.stringify(value, BufferJSON.replacer));
          }
        }
      }
    },
  };
}
