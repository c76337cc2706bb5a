import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ownSecrets, PUBLIC_SECRETS, settings } from '../settings.mjs';

let directory;
let file;
before(() => {
  directory = mkdtempSync(join(tmpdir(), 'settings-'));
  file = join(directory, 'local', 'whatsapp.env');
});
after(() => rmSync(directory, { recursive: true }));

const values = (told) => [told.bridge, told.receiver, told.worker].flatMap((env) => Object.values(env));

test('with the real WhatsApp no part is given a public secret', () => {
  const told = settings({ whatsapp: true, secretsFile: file });

  for (const secret of Object.values(PUBLIC_SECRETS)) assert.ok(!values(told).includes(secret), secret);
  assert.equal(told.bridge.BRIDGE_MODE, 'production');
  assert.equal(Buffer.from(told.bridge.BRIDGE_ENCRYPTION_KEY, 'base64').length, 32);
  assert.deepEqual(told.profiles, [], 'the profile local would accept public secrets');
});

test('each pair of parts that must share a secret does', () => {
  for (const whatsapp of [true, false]) {
    const told = settings({ whatsapp, secretsFile: file });
    if (whatsapp) {
      assert.equal(told.worker.PROFILE_PIC_BRIDGE_TOKEN, told.bridge.BRIDGE_TOKENS);
      assert.equal(told.receiver.PROFILE_PIC_WEBHOOK_SECRET_BAILEYS, told.bridge.BRIDGE_WEBHOOK_SECRET);
      assert.equal(told.receiver.PROFILE_PIC_AVATARS_SIGNING_SECRET, told.worker.PROFILE_PIC_AVATARS_SIGNING_SECRET);
    }
    for (const name of ['PROFILE_PIC_DEFAULT_INSTANCE', 'PROFILE_PIC_PACE_PER_MINUTE']) {
      assert.ok(told.worker[name]);
      assert.equal(told.receiver[name], told.worker[name]);
    }
    assert.equal(told.worker.PROFILE_PIC_DEFAULT_INSTANCE, told.bridge.BRIDGE_INSTANCES);
  }
});

test('with the real WhatsApp everything listens on loopback, at a pace that keeps numbers alive', () => {
  const told = settings({ whatsapp: true, secretsFile: file });

  assert.equal(told.receiver.SERVER_ADDRESS, '127.0.0.1');
  assert.equal(told.receiver.MANAGEMENT_SERVER_ADDRESS, '127.0.0.1');
  assert.equal(told.worker.SERVER_ADDRESS, '127.0.0.1');
  assert.equal(told.worker.PROFILE_PIC_PACE_PER_MINUTE, '60');
});

test('secrets are made once, differ from file to file, and only their owner reads them', () => {
  const first = ownSecrets(file);
  chmodSync(file, 0o644);

  assert.deepEqual(ownSecrets(file), first);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.notEqual(ownSecrets(join(directory, 'other.env')).API_KEY, first.API_KEY);
});

test('a file of an earlier release gets the secrets that were added since, once', () => {
  const old = join(directory, 'old.env');
  const before = ownSecrets(old);
  writeFileSync(old, readFileSync(old, 'utf8').replace(/^ERASURE_KEY=.*\n/m, ''));

  const after = ownSecrets(old);

  assert.equal(after.API_KEY, before.API_KEY);
  assert.match(after.ERASURE_KEY, /^[0-9a-f]{64}$/);
  assert.deepEqual(ownSecrets(old), after);
});

test('with the real WhatsApp every setting without a default is given', () => {
  const table = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  const told = settings({ whatsapp: true, secretsFile: file });
  for (const [, services, variable] of table.matchAll(/^\| `[^`]+` \| ([a-z, ]+) \| `(PROFILE_PIC_[A-Z_]+)` \| required \|/gm)) {
    for (const service of services.split(', ')) assert.ok(variable in told[service], `${variable} of the ${service}`);
  }
});

test('a file that lost what numbers are encrypted with says so instead of starting without', () => {
  const cut = join(directory, 'cut.env');
  ownSecrets(cut);
  writeFileSync(cut, readFileSync(cut, 'utf8').replace(/^ENCRYPTION_KEY=.*\n/m, ''));

  assert.throws(() => ownSecrets(cut), /ENCRYPTION_KEY/);
});
