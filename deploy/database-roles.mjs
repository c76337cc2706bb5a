// Sets the passwords of the services' database roles from .env, because the migrations create the roles without a password.
// Gives the bridge a role that owns its schema and can access nothing else. Runs at every start, so that a changed password
// takes effect at the next start.
import { readSecretFiles } from '/bridge/dist/src/config/secret-files.js';
import pg from '/bridge/node_modules/pg/lib/index.js';

readSecretFiles(process.env);

const BRIDGE = 'profile_pic_bridge';
const passwords = {
  profile_pic_receiver: process.env.RECEIVER_DATABASE_PASSWORD,
  profile_pic_worker: process.env.WORKER_DATABASE_PASSWORD,
  [BRIDGE]: process.env.BRIDGE_DATABASE_PASSWORD,
};

/** Also changes the owner of tables that an older version of this file left to the superuser. */
const OWN_SCHEMA = `
  DO $$
  DECLARE
    bridge_table record;
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${BRIDGE}') THEN
      CREATE ROLE ${BRIDGE} LOGIN;
    END IF;
    -- Only who may act as a role can make it the owner of something; a superuser may anyway.
    IF NOT pg_has_role('${BRIDGE}', 'USAGE') THEN
      GRANT ${BRIDGE} TO CURRENT_USER;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'bridge') THEN
      CREATE SCHEMA bridge;
    END IF;
    ALTER SCHEMA bridge OWNER TO ${BRIDGE};
    REVOKE ALL ON SCHEMA bridge FROM PUBLIC;
    FOR bridge_table IN SELECT tablename FROM pg_tables WHERE schemaname = 'bridge' AND tableowner <> '${BRIDGE}' LOOP
      EXECUTE format('ALTER TABLE bridge.%I OWNER TO ${BRIDGE}', bridge_table.tablename);
    END LOOP;
  END
  $$`;

/** Connects to the database, and waits up to a minute for a database that is still starting. */
async function connected(connectionString) {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString });
    try {
      await client.connect();
      return client;
    } catch (failure) {
      await client.end().catch(() => {});
      if (attempt === 20) {
        throw failure;
      }
      await new Promise((resolve) => setTimeout(resolve, 3000));
    }
  }
}

const database = new URL(process.env.PROFILE_PIC_DATABASE_URL.replace(/^jdbc:/, ''));
database.username = process.env.PROFILE_PIC_DATABASE_USER;
database.password = process.env.PROFILE_PIC_DATABASE_PASSWORD;
const client = await connected(database.href);
try {
  await client.query(OWN_SCHEMA);
  for (const [role, password] of Object.entries(passwords)) {
    await client.query(`ALTER ROLE ${client.escapeIdentifier(role)} PASSWORD ${client.escapeLiteral(password)}`);
    console.log(`${role} may log in`);
  }
} finally {
  await client.end();
}
