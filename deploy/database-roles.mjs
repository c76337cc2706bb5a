// Gives the services' own database roles, which the migrations make without a password, the passwords of .env.
// Runs at every start, so that a changed password counts from the next start on.
import pg from '/bridge/node_modules/pg/lib/index.js';

const passwords = {
  profile_pic_receiver: process.env.RECEIVER_DATABASE_PASSWORD,
  profile_pic_worker: process.env.WORKER_DATABASE_PASSWORD,
};

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
try {
  for (const [role, password] of Object.entries(passwords)) {
    await client.query(`ALTER ROLE ${client.escapeIdentifier(role)} PASSWORD ${client.escapeLiteral(password)}`);
    console.log(`${role} may log in`);
  }
} finally {
  await client.end();
}
