// The real bridge with one paired instance, against the fake WhatsApp.
import { pause } from '../../bin/lib/processes.mjs';
import { join } from 'node:path';
import { ports } from './arena.mjs';

export const TOKEN = 'local-bridge-token';
export const BRIDGE = `http://127.0.0.1:${ports['baileys bridge']}`;
export const FAKE_WHATSAPP = `http://127.0.0.1:${ports['fake WhatsApp']}`;
const NUMBER = '5511900000009';

export const asked = async (url, init = {}) =>
  (await fetch(url, { ...init, headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', ...init.headers } })).json();

/** Sets contacts of the fake WhatsApp. */
export const contacts = (list) => asked(`${FAKE_WHATSAPP}/admin/contacts`, { method: 'PUT', body: JSON.stringify({ contacts: list }) });

/** Starts the fake WhatsApp. @returns its root key, which the bridge must trust */
export async function fakeWhatsApp(arena, processes) {
  const fake = processes.start('fake-whatsapp', 'node', [join(arena.root, 'baileys-bridge/dist/fake-whatsapp/main.js')], {
    FAKE_WHATSAPP_PORT: String(ports['fake WhatsApp']), FAKE_WHATSAPP_STATE_DIR: join(arena.directory, 'fake-whatsapp'),
  });
  await processes.healthy(fake, `${FAKE_WHATSAPP}/health`);
  return (await asked(`${FAKE_WHATSAPP}/admin/root-key`)).publicKey;
}

/** Starts the bridge with one instance; call `pair` once the bridge answers. */
export function startBridge(arena, processes, instance, publicKey) {
  return processes.start('bridge', 'node', [join(arena.root, 'baileys-bridge/dist/src/main.js')], {
    BRIDGE_MODE: 'local', BRIDGE_PORT: String(ports['baileys bridge']), BRIDGE_TOKENS: TOKEN, BRIDGE_DATABASE_URL: arena.databaseUrl,
    BRIDGE_INSTANCES: instance, BRIDGE_LOOKUPS_PER_MINUTE: '60000', BRIDGE_LOG_LEVEL: 'warn',
    WHATSAPP_WEB_SOCKET_URL: `ws://127.0.0.1:${ports['fake WhatsApp']}/ws/chat`, WHATSAPP_ROOT_PUBLIC_KEY: publicKey,
  });
}

/** Lets the fake WhatsApp's phone scan the bridge's QR code. */
export async function pair(instance) {
  const deadline = performance.now() + 60_000;
  let scanned = '';
  while (performance.now() < deadline) {
    const { state, qr } = await asked(`${BRIDGE}/instances/${instance}/qr?format=json`);
    if (state === 'open') return;
    if (qr && qr !== scanned) {
      scanned = qr;
      await fetch(`${FAKE_WHATSAPP}/admin/scan`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ qr, jid: NUMBER }) });
    }
    await pause(100);
  }
  throw new Error(`the instance ${instance} was not paired within 60 s`);
}

/** Returns the bridge's queries to WhatsApp so far, by kind. */
export async function queriesSoFar() {
  const text = await (await fetch(`${BRIDGE}/metrics`)).text();
  const counts = { usync: 0, picture: 0 };
  for (const [, kind, count] of text.matchAll(/^profilepic_queries_total\{[^}]*kind="(\w+)"[^}]*\} (\d+)$/gm)) counts[kind] += Number(count);
  return counts;
}
