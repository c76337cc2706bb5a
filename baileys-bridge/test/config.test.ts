import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigError, loadConfig, variables } from '../src/config/config.js';

const production = {
  BRIDGE_TOKENS: 'a-token-long-enough',
  BRIDGE_DATABASE_URL: 'postgres://127.0.0.1/bridge',
  BRIDGE_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
};

const refusal = (env: Record<string, string>): string => {
  try {
    loadConfig(env);
  } catch (err) {
    expect(err).toBeInstanceOf(ConfigError);
    return (err as Error).message;
  }
  throw new Error('the configuration was accepted');
};

test('production needs tokens, a database and a key, and stops a number at 180 queries a minute', () => {
  expect(loadConfig(production)).toMatchObject({
    mode: 'production',
    host: '127.0.0.1',
    port: 3001,
    tokens: ['a-token-long-enough'],
    instances: [],
    events: undefined,
    database: { connection: 'direct', control: 2, sessions: 1 },
    whatsapp: { versionUrl: 'https://web.whatsapp.com/sw.js' },
    lookups: {
      perMinute: 180,
      maxWaitMs: 3_000,
      deadlineMs: 8_000,
      throttledRetryAfterSeconds: 60,
      batchSpacingMs: 20_000,
    },
    keep: { contactDays: 30, outboxDays: 30 },
  });
});

test('how long people and events are kept can be set, and is never for ever', () => {
  const set = { ...production, BRIDGE_CONTACT_DAYS: '7', BRIDGE_OUTBOX_DAYS: '3' };

  expect(loadConfig(set).keep).toEqual({ contactDays: 7, outboxDays: 3 });
  expect(refusal({ ...production, BRIDGE_CONTACT_DAYS: '0', BRIDGE_OUTBOX_DAYS: '366' })).toMatch(
    /BRIDGE_OUTBOX_DAYS is wrong[\s\S]*BRIDGE_CONTACT_DAYS is wrong/,
  );
});

test('everything that is missing is named at once, with its remedy', () => {
  const message = refusal({});

  expect(message).toMatch(/BRIDGE_TOKENS is required: .*openssl rand/);
  expect(message).toMatch(/BRIDGE_DATABASE_URL is required: .*postgres:\/\//);
});

test('outside local mode it refuses to start without an encryption key', () => {
  const { BRIDGE_ENCRYPTION_KEY: _, ...withoutKey } = production;

  expect(refusal(withoutKey)).toMatch(/BRIDGE_ENCRYPTION_KEY is required outside local mode/);
  expect(loadConfig({ ...withoutKey, BRIDGE_MODE: 'local' }).encryptionKey).toHaveLength(32);
});

test("local mode's key, token and secret are public, and refused outside of it", () => {
  const BRIDGE_ENCRYPTION_KEY = Buffer.from('local mode: this key is not safe').toString('base64');
  const BRIDGE_WEBHOOK_SECRET = `whsec_${Buffer.from('local-webhook-secret-for-bin-up').toString('base64')}`;
  const public_ = {
    ...production,
    BRIDGE_ENCRYPTION_KEY,
    BRIDGE_TOKENS: 'a-good-token,local-bridge-token',
    BRIDGE_WEBHOOK_SECRET,
  };

  const message = refusal(public_);

  expect(message).toMatch(/BRIDGE_ENCRYPTION_KEY is local mode's key, which is public/);
  expect(message).toMatch(/BRIDGE_TOKENS holds local mode's token, which is public/);
  expect(message).toMatch(/BRIDGE_WEBHOOK_SECRET is local mode's, which is public/);
  expect(loadConfig({ ...public_, BRIDGE_MODE: 'local' }).mode).toBe('local');
});

test("another root key for WhatsApp's certificates is accepted in local mode only", () => {
  const WHATSAPP_ROOT_PUBLIC_KEY = Buffer.alloc(32, 1).toString('base64');

  expect(refusal({ ...production, WHATSAPP_ROOT_PUBLIC_KEY })).toMatch(
    /WHATSAPP_ROOT_PUBLIC_KEY is accepted in local/,
  );
  expect(
    loadConfig({ ...production, BRIDGE_MODE: 'local', WHATSAPP_ROOT_PUBLIC_KEY }).whatsapp.rootPublicKey,
  ).toHaveLength(32);
});

test('a receiver without a secret is refused, since events are always signed', () => {
  expect(refusal({ ...production, RECEIVER_URL: 'http://127.0.0.1:8080' })).toMatch(
    /BRIDGE_WEBHOOK_SECRET is required/,
  );

  const events = loadConfig({
    ...production,
    RECEIVER_URL: 'http://127.0.0.1:8080/',
    BRIDGE_WEBHOOK_SECRET: `whsec_${Buffer.alloc(32, 9).toString('base64')}`,
  }).events;
  expect(events).toMatchObject({ receiverUrl: 'http://127.0.0.1:8080', secret: Buffer.alloc(32, 9) });
});

test.each([
  ['BRIDGE_MODE', 'staging'],
  ['BRIDGE_PORT', '70000'],
  ['BRIDGE_PORT', 'http'],
  ['BRIDGE_TOKENS', 'short'],
  ['BRIDGE_TOKENS', ' , '],
  ['BRIDGE_DATABASE_URL', 'mysql://127.0.0.1'],
  ['BRIDGE_DATABASE_CONNECTION', 'statement'],
  ['BRIDGE_DATABASE_CONTROL_POOL', '0'],
  ['BRIDGE_ENCRYPTION_KEY', 'c2hvcnQ='],
  ['BRIDGE_INSTANCES', 'fine,not fine'],
  ['BRIDGE_LEASE_SECONDS', '21'],
  ['BRIDGE_LOOKUPS_PER_MINUTE', '0'],
  ['BRIDGE_LOG_LEVEL', 'loud'],
  ['BRIDGE_MIGRATE', 'maybe'],
  ['RECEIVER_URL', 'ftp://127.0.0.1'],
  ['BRIDGE_WEBHOOK_SECRET', 'secret'],
  ['WHATSAPP_WEB_SOCKET_URL', 'http://127.0.0.1'],
  ['WHATSAPP_VERSION', '2.3000'],
])('%s=%s is refused by name, without repeating the value of secrets', (name, value) => {
  const message = refusal({ ...production, [name]: value });

  expect(message).toMatch(new RegExp(`^${name} is wrong: `));
  expect(message.split('\n')).toHaveLength(1);
});

test('lists are split at commas, the version at dots', () => {
  const config = loadConfig({
    ...production,
    BRIDGE_TOKENS: 'first-token, second-token,',
    BRIDGE_INSTANCES: 'demo, usuario_1',
    WHATSAPP_VERSION: '2.3000.1043857760',
  });

  expect(config).toMatchObject({
    tokens: ['first-token', 'second-token'],
    instances: ['demo', 'usuario_1'],
    whatsapp: { version: [2, 3000, 1043857760] },
  });
});

test('the README describes every variable and no other, with its default', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const section = /^## Configuration\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? '';
  const documented = new Map<string, string>();
  for (const [, names = '', defaults = ''] of section.matchAll(/^\| (`[A-Z].*?) +\| (.*?) +\| .*\|$/gm)) {
    const listed = names.split(', ').map((name) => name.trim().replaceAll('`', ''));
    const values = defaults.split(', ').map((value) => value.trim().replaceAll('`', ''));
    listed.forEach((name, index) => documented.set(name, values[index] ?? values[0] ?? ''));
  }

  expect([...documented.keys()].sort()).toEqual([...variables.keys()].sort());
  for (const [name, value] of variables) {
    if (typeof value === 'number' || typeof value === 'string') {
      expect(documented.get(name), name).toBe(String(value));
    } else if (typeof value === 'boolean') {
      expect(documented.get(name), name).toBe(value ? 'on' : 'off');
    }
  }
});
