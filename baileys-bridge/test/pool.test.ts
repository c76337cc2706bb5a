import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Connection, createPool } from '../src/database/pool.js';
import { createLogger } from '../src/logging/logger.js';
import { type TestDatabase, createTestDatabase } from './support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** Returns a connection's timeout according to the server, and the source of this setting. */
async function timeoutOf(connection: Connection) {
  const pool = createPool(database.url, 1, createLogger('silent'), connection);
  try {
    const { rows } = await pool.query<{ setting: string; source: string }>(
      "SELECT setting, source FROM pg_settings WHERE name = 'statement_timeout'",
    );
    return rows[0];
  } finally {
    await pool.end();
  }
}

test('a direct connection names its timeout when it opens', async () => {
  expect(await timeoutOf('direct')).toEqual({ setting: '10000', source: 'client' });
});

test('through a pooler of sessions it is set afterwards, since poolers refuse connections that name one', async () => {
  expect(await timeoutOf('session')).toEqual({ setting: '10000', source: 'session' });
});

test('through a pooler of transactions nothing is set, for it would be set for others', async () => {
  expect(await timeoutOf('transaction')).toEqual({ setting: '0', source: 'default' });
});
