/**
 * `npm run canary -- --instance ID --phones 5562…,5511…`: sends the bridge's queries to WhatsApp through one of your
 * instances and prints anonymised stanzas, for BELIEFS.md. Stop the bridge first, because an instance has only one
 * connection. The canary uses the bridge's environment (database, encryption key) and waits 20 s between two queries.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createAuthStore } from '../src/auth-state/auth-store.js';
import { createCipher } from '../src/auth-state/cipher.js';
import { loadSession } from '../src/auth-state/credentials.js';
import { loadConfig } from '../src/config/config.js';
import { createPool } from '../src/database/pool.js';
import { redirectConsole } from '../src/logging/console.js';
import { createLogger } from '../src/logging/logger.js';
import { createLeases } from '../src/instances/leases.js';
import { readProxy } from '../src/instances/proxy.js';
import { endSocket, socketOpener } from '../src/whatsapp/socket.js';
import { pause, systemClock, withDeadline } from '../lookups/clock.js';
import { runCanary } from './canary.js';

const OPEN_MS = 60_000;
const LEASE_SECONDS = 600;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      instance: { type: 'string' },
      phones: { type: 'string' },
      'rest-seconds': { type: 'string', default: '20' },
    },
  });
  const id = values.instance;
  const phones = (values.phones ?? '').split(',').filter((phone) => /^\d{8,15}$/.test(phone));
  if (id === undefined || phones.length === 0 || phones.length > 5) {
    throw new Error(
      'usage: npm run canary -- --instance ID --phones PHONE[,PHONE…]  (1 to 5 who agreed, digits only)',
    );
  }
  const config = loadConfig(process.env);
  const log = createLogger('warn');
  redirectConsole(log);
  const pool = createPool(config.databaseUrl, 2, log, config.database.connection);
  const leases = createLeases(pool, randomUUID(), LEASE_SECONDS);
  const [owned] = await leases.acquire([id]);
  if (!owned) throw new Error(`${id} is unknown, or a bridge drives it: stop that first`);
  const store = createAuthStore(pool, createCipher(config.encryptionKey));
  const session = await loadSession(store, owned.lease, systemClock, log);
  try {
    if (!session.paired()) throw new Error(`${id} is not paired`);
    const socket = socketOpener(config.whatsapp, log)(session.auth, await readProxy(store, id));
    socket.ev.on('creds.update', () => session.save());
    const open = new Promise<void>((resolve, reject) => {
      socket.ev.on('connection.update', ({ connection }) => {
        if (connection === 'open') resolve();
        if (connection === 'close') reject(new Error('WhatsApp closed the connection'));
      });
    });
    await withDeadline(systemClock, OPEN_MS, open);
    const rest = () => pause(systemClock, Number(values['rest-seconds']) * 1_000);
    await runCanary({ socket, phones, rest, write: (text) => process.stdout.write(`${text}\n`) });
    endSocket(socket);
  } finally {
    await session.flush();
    session.close();
    await leases.release();
    await pool.end();
  }
}

main().then(
  () => process.exit(0),
  (err: unknown) => {
    process.stderr.write(`${err instanceof Error ? err.message : String(err)}\n`);
    process.exit(1);
  },
);
