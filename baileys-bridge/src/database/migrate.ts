import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Client, type Pool, inTransaction } from './pool.js';

/** The advisory lock that lets one process migrate while other processes wait; an arbitrary unique constant. */
const MIGRATION_LOCK = 7_261_033_158;

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Brings schema `bridge` up to date: `migrations/NNN_name.sql` in order, each once, all in one transaction under an
 * advisory lock. Needs the right to create the schema only while the schema is missing.
 *
 * @throws when an applied migration was edited afterwards
 */
export async function migrate(pool: Pool): Promise<void> {
  const migrations = await readMigrations();
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await createHistory(client);
    const applied = await appliedMigrations(client);
    for (const migration of migrations) {
      const checksum = applied.get(migration.version);
      if (checksum === undefined) await apply(client, migration);
      else if (checksum !== migration.checksum) {
        throw new Error(
          `migration ${migration.name} was changed after it had been applied; add a new one instead`,
        );
      }
    }
  });
}

/** @throws when the schema is not at the version that this code needs; the message names the remedy */
export async function requireMigrated(pool: Pool): Promise<void> {
  const needed = (await readMigrations()).at(-1)?.version ?? 0;
  const { rows } = await pool.query<{ known: boolean }>(
    "SELECT to_regclass('bridge.schema_migrations') IS NOT NULL AS known",
  );
  const found = rows[0]?.known
    ? (await pool.query<{ version: number }>('SELECT max(version) AS version FROM bridge.schema_migrations'))
        .rows[0]?.version
    : undefined;
  if ((found ?? 0) < needed) {
    throw new Error(
      `schema bridge is at version ${found ?? 'none'}, this bridge needs ${needed}: ` +
        'run `npm run migrate` with a role that may change the schema, or set BRIDGE_MIGRATE=on',
    );
  }
}

async function createHistory(client: Client): Promise<void> {
  // CREATE SCHEMA IF NOT EXISTS requires the right to create even when the schema exists.
  const { rowCount } = await client.query("SELECT FROM pg_namespace WHERE nspname = 'bridge'");
  if (rowCount === 0) await client.query('CREATE SCHEMA bridge');
  const { rows } = await client.query<{ known: boolean }>(
    "SELECT to_regclass('bridge.schema_migrations') IS NOT NULL AS known",
  );
  if (rows[0]?.known) return;
  await client.query(`
    CREATE TABLE bridge.schema_migrations (
      version    integer PRIMARY KEY,
      name       text NOT NULL,
      checksum   text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`);
}

async function appliedMigrations(client: Client): Promise<Map<number, string>> {
  const { rows } = await client.query<{ version: number; checksum: string }>(
    'SELECT version, checksum FROM bridge.schema_migrations',
  );
  return new Map(rows.map((row) => [row.version, row.checksum]));
}

async function apply(client: Client, migration: Migration): Promise<void> {
  await client.query(migration.sql);
  await client.query('INSERT INTO bridge.schema_migrations (version, name, checksum) VALUES ($1, $2, $3)', [
    migration.version,
    migration.name,
    migration.checksum,
  ]);
}

async function readMigrations(): Promise<Migration[]> {
  const folder = join(packageRoot(), 'migrations');
  const names = (await readdir(folder)).filter((name) => /^\d{3}_\w+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name), 'utf8');
      return {
        version: Number(name.slice(0, 3)),
        name,
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      };
    }),
  );
}

/** Finds the folder with `package.json`: the sources and the compiled files are at different depths below it. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}
