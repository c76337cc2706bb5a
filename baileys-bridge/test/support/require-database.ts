import pg from 'pg';

/** Ends the run with one line when there is no test database: tests are never skipped. */
export default async function requireDatabase(): Promise<void> {
  const url = process.env.BRIDGE_TEST_DATABASE_URL;
  if (!url) fail('set BRIDGE_TEST_DATABASE_URL to a Postgres whose user may create databases');
  const client = new pg.Client({ connectionString: url });
  await client
    .connect()
    .catch((err: Error) => fail(`BRIDGE_TEST_DATABASE_URL does not answer: ${err.message}`));
  await client.end();
}

function fail(why: string): never {
  process.stderr.write(`baileys-bridge cannot be tested: ${why}\n`);
  process.exit(1);
}
