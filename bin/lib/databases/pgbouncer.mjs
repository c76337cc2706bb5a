// Starts a PgBouncer in front of a server, as at hosted databases: it limits the connections to a database.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The connections that Supabase's smallest pooler lends. */
const CONNECTIONS = 15;

/**
 * @param processes starts the PgBouncer
 * @param {{directory: string, port: number, server: number, mode: 'session' | 'transaction', users: string[]}} where
 */
export async function startPgBouncer(processes, { directory, port, server, mode, users }) {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const userList = join(directory, 'users.txt');
  const settings = join(directory, 'pgbouncer.ini');
  writeFileSync(userList, users.map((user) => `"${user}" ""\n`).join(''));
  writeFileSync(
    settings,
    `[databases]
* = host=127.0.0.1 port=${server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = trust
auth_file = ${userList}
pool_mode = ${mode}
max_client_conn = 200
default_pool_size = ${CONNECTIONS}
max_db_connections = ${CONNECTIONS}
ignore_startup_parameters = extra_float_digits
`,
  );
  const libraries = process.env.PGBOUNCER_LIBRARIES;
  // PgBouncer refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const bouncer = processes.start('pgbouncer', process.env.PGBOUNCER ?? 'pgbouncer', [...user, settings], libraries ? { LD_LIBRARY_PATH: libraries } : {});
  await processes.said(bouncer, `listening on 127.0.0.1:${port}`);
}
