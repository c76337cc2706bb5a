import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError, loadConfig } from '../src/config/config.js';
import { readSecretFiles } from '../src/config/secret-files.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('every secret of the bridge may come as a file', () => {
  const env: Record<string, string | undefined> = {
    BRIDGE_TOKENS: '',
    BRIDGE_TOKENS_FILE: file('tokens', 'a-token-long-enough,another-one\n'),
    BRIDGE_ENCRYPTION_KEY_FILE: file('key', `${Buffer.alloc(32, 7).toString('base64')}\n`),
    BRIDGE_WEBHOOK_SECRET_FILE: file('webhook', `whsec_${Buffer.alloc(32, 8).toString('base64')}`),
    BRIDGE_DATABASE_URL: 'postgres://profile_pic_bridge@127.0.0.1/bridge',
    PGPASSWORD_FILE: file('password', 'for pg\n'),
    RECEIVER_URL: 'http://receiver:8080',
  };

  readSecretFiles(env);

  expect(loadConfig(env)).toMatchObject({
    tokens: ['a-token-long-enough', 'another-one'],
    encryptionKey: Buffer.alloc(32, 7),
    events: { secret: Buffer.alloc(32, 8) },
  });
  expect(env.PGPASSWORD).toBe('for pg');
});

test('a file that is missing or empty, and a variable that is set in both ways, are named at once', () => {
  const read = () =>
    readSecretFiles({
      BRIDGE_TOKENS_FILE: join(folder, 'missing'),
      PGPASSWORD_FILE: file('empty', ' \n'),
      BRIDGE_ENCRYPTION_KEY: 'here',
      BRIDGE_ENCRYPTION_KEY_FILE: file('there', 'there'),
    });

  expect(read).toThrow(ConfigError);
  expect(read).toThrow(/BRIDGE_TOKENS_FILE names .*missing/);
  expect(read).toThrow(/PGPASSWORD_FILE names .*empty/);
  expect(read).toThrow(/both BRIDGE_ENCRYPTION_KEY and BRIDGE_ENCRYPTION_KEY_FILE are set/);
});
