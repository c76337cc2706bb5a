// The whole product on the database of one cell, on its own ports, so that it can run beside bin/up.
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { requireFreePort, until } from '../processes.mjs';
import { PUBLIC_SECRETS } from '../settings.mjs';
import { startPgBouncer } from './pgbouncer.mjs';

const ports = { postgres: 24329, pgbouncer: 24332, 'fake-whatsapp': 24302, bridge: 24301, receiver: 24380, 'receiver management': 24390, worker: 24381 };
const on = (port) => `http://127.0.0.1:${ports[port]}`;
const DATABASE = 'profile_pic';
const INSTANCE = 'demo';
const NUMBER = '5511900000009';

/** A role like Supabase's "postgres": it can create roles and databases, bypasses row level security, and is no superuser. */
const OWNER = 'project_owner';

/**
 * The statements that Supabase's administrator runs. At Supabase the extension belongs to the owner too; here the migrations
 * create the extension.
 */
const PROJECT = [`CREATE ROLE ${OWNER} LOGIN CREATEROLE CREATEDB BYPASSRLS`, `ALTER DATABASE ${DATABASE} OWNER TO ${OWNER}`];

export const where = { receiver: on('receiver'), fakeWhatsApp: on('fake-whatsapp'), instance: INSTANCE };

/**
 * @param {string} root of the repository
 * @param {object} cell one of the cells
 * @param processes the processes of this cell
 */
export function createCellStack(root, cell, processes) {
  const { Client } = createRequire(join(root, 'baileys-bridge/package.json'))('pg');
  const directory = join(root, '.local/databases', cell.name);
  const jar = (module, classifier = '') => join(root, module, 'target', `${module}-0.1.0-SNAPSHOT${classifier}.jar`);
  const java = (name, file, args = [], env = {}) =>
    processes.start(name, 'java', ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+ExitOnOutOfMemoryError', '-jar', file, ...args], env);
  const node = (name, script, env) => processes.start(name, 'node', [join(root, 'baileys-bridge/dist', script)], env);

  const pooled = cell.connection !== 'direct';
  const owner = cell.role === 'superuser' ? 'postgres' : OWNER;
  const loginOf = (service) => (cell.role === 'superuser' ? 'postgres' : `profile_pic_${service}`);
  const authority = (port) => `127.0.0.1:${port}/${DATABASE}`;
  const direct = `jdbc:postgresql://${authority(ports.postgres)}`;
  const url = pooled ? `jdbc:postgresql://${authority(ports.pgbouncer)}` : direct;

  /** Returns the database settings of the services and the tools. */
  const database = (user) => ({
    PROFILE_PIC_DATABASE_URL: url,
    PROFILE_PIC_DATABASE_USER: user,
    PROFILE_PIC_DATABASE_PASSWORD: '',
    PROFILE_PIC_DATABASE_CONNECTION: cell.connection,
    PROFILE_PIC_MIGRATIONS_DATABASE_URL: cell.connection === 'transaction' ? direct : '',
    PROFILE_PIC_LEADS_CREATE: 'true',
  });
  const service = {
    PROFILE_PIC_BRIDGE_URL: on('bridge'),
    PROFILE_PIC_AVATARS_BASE_URL: on('receiver'),
    PROFILE_PIC_PICTURE_URLS_TRUSTED_ORIGINS: on('fake-whatsapp'),
  };

  /** Connects directly to the server, as its superuser. */
  async function connect() {
    const client = new Client({ connectionString: `postgres://postgres@${authority(ports.postgres)}` });
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  async function server() {
    const postgres = java('postgres', jar('embedded-postgres', '-exec'), [join(directory, 'postgres'), String(ports.postgres), DATABASE], {
      PROFILE_PIC_TEST_POSTGRES: process.env[`PROFILE_PIC_TEST_POSTGRES_${cell.postgres}`] ?? '',
      PROFILE_PIC_TEST_PGMQ: cell.pgmq === '1.5.1' ? (process.env.PROFILE_PIC_TEST_PGMQ ?? '') : '',
    });
    await processes.said(postgres, 'postgres is ready');
    if (cell.role === 'owner') {
      const admin = await connect();
      for (const statement of PROJECT) await admin.query(statement);
      await admin.end();
    }
    if (pooled) {
      await startPgBouncer(processes, {
        directory: join(directory, 'pgbouncer'), port: ports.pgbouncer, server: ports.postgres, mode: cell.connection,
        users: ['postgres', OWNER, 'profile_pic_receiver', 'profile_pic_worker'],
      });
    }
  }

  const migrate = () => processes.finished(java('migrations', jar('db-migrations', '-exec'), [], database(owner)));

  async function fakeWhatsApp() {
    const fake = node('fake-whatsapp', 'fake-whatsapp/main.js', { FAKE_WHATSAPP_PORT: String(ports['fake-whatsapp']) });
    await processes.healthy(fake, `${on('fake-whatsapp')}/health`);
    const { publicKey } = await (await fetch(`${on('fake-whatsapp')}/admin/root-key`)).json();
    const entry = node('bridge', 'src/main.js', {
      BRIDGE_MODE: 'local',
      BRIDGE_PORT: String(ports.bridge),
      BRIDGE_TOKENS: PUBLIC_SECRETS.BRIDGE_TOKEN,
      BRIDGE_DATABASE_URL: `postgres://${owner}@${authority(pooled ? ports.pgbouncer : ports.postgres)}`,
      BRIDGE_DATABASE_CONNECTION: cell.connection,
      BRIDGE_INSTANCES: INSTANCE,
      BRIDGE_THROTTLED_RETRY_AFTER_SECONDS: '2',
      BRIDGE_WEBHOOK_SECRET: PUBLIC_SECRETS.WEBHOOK_SECRET,
      RECEIVER_URL: on('receiver'),
      WHATSAPP_WEB_SOCKET_URL: `ws://127.0.0.1:${ports['fake-whatsapp']}/ws/chat`,
      WHATSAPP_ROOT_PUBLIC_KEY: publicKey,
    });
    await processes.healthy(entry, `${on('bridge')}/health`);
  }

  /** Scans the QR code with the fake phone. */
  async function pair() {
    const headers = { Authorization: `Bearer ${PUBLIC_SECRETS.BRIDGE_TOKEN}`, Accept: 'application/json' };
    let scanned = '';
    await until('pairing', async () => {
      const { state, qr } = await (await fetch(`${on('bridge')}/instances/${INSTANCE}/qr?format=json`, { headers })).json();
      if (qr && qr !== scanned) {
        scanned = qr;
        await fetch(`${on('fake-whatsapp')}/admin/scan`, {
          method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ qr, jid: NUMBER }),
        });
      }
      return state === 'open';
    });
  }

  let worker;
  async function services() {
    const local = ['--spring.profiles.active=local'];
    const receiver = java('receiver', jar('receiver-service'), local, {
      ...database(loginOf('receiver')), ...service,
      SERVER_PORT: String(ports.receiver), MANAGEMENT_SERVER_PORT: String(ports['receiver management']),
    });
    worker = java('worker', jar('worker-service'), local, {
      ...database(loginOf('worker')), ...service, SERVER_PORT: String(ports.worker), PROFILE_PIC_WORKER_LEASE: '5s',
      // One lookup for each lead, so that a worker can be killed between two lookups.
      PROFILE_PIC_BATCHES_ENABLED: 'false',
    });
    await processes.healthy(receiver, `${on('receiver management')}/actuator/health/readiness`);
    await processes.healthy(worker, `${on('worker')}/actuator/health/readiness`);
  }

  return {
    connect,
    async start() {
      for (const [name, port] of Object.entries(ports)) await requireFreePort(port, name);
      rmSync(directory, { recursive: true, force: true });
      mkdirSync(directory, { recursive: true });
      await server();
      await migrate();
      await fakeWhatsApp();
      await pair();
      await services();
    },
    /** Kills the worker, as a power failure would; the supervision of the processes starts it again. */
    async killWorker() {
      const gone = new Promise((exit) => worker.child.once('exit', exit));
      worker.child.kill('SIGKILL');
      await gone;
      processes.lookAfter(() => {});
    },
    doctor: {
      ...database(owner), ...service,
      SPRING_PROFILES_ACTIVE: 'local',
      PROFILE_PIC_DOCTOR_RECEIVER_HEALTH_URL: on('receiver management'),
      PROFILE_PIC_DOCTOR_WORKER_HEALTH_URL: on('worker'),
    },
    connections: async (admin) =>
      (await admin.query(
        `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'
           AND (application_name LIKE 'profile-pic%' OR application_name = 'baileys-bridge')`, [DATABASE])).rows[0].n,
  };
}
