import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
const work = mkdtempSync(join(tmpdir(), 'make-secrets-'));
after(() => rmSync(work, { recursive: true }));

/** A fake docker with the two commands that the script uses; it stores secrets as files. */
writeFileSync(join(work, 'docker'), `#!/bin/sh
case "$1 $2" in
  'secret inspect') [ -e "${work}/swarm-$3" ] ;;
  'secret create') cat > "${work}/swarm-$3" ;;
  *) exit 9 ;;
esac
`);
chmodSync(join(work, 'docker'), 0o755);

const run = () =>
  execFileSync(join(root, 'deploy/make-secrets'), [join(work, 'copy')], { encoding: 'utf8', env: { ...process.env, PATH: `${work}:${process.env.PATH}` } });
const made = () => new Map(readdirSync(work).filter((file) => file.startsWith('swarm-')).map((file) => [file.slice('swarm-'.length), readFileSync(join(work, file), 'utf8')]));

test('every secret of the stack is made once, in the form that its reader wants, and kept afterwards', () => {
  run();
  const first = made();
  run();

  const wanted = [...readFileSync(join(root, 'deploy/stack.yml'), 'utf8').matchAll(/^ {2}(profile_pic_\w+): \{external: true\}$/gm)].map(([, name]) => name);
  assert.ok(wanted.length > 10);
  assert.deepEqual([...first.keys()].sort(), wanted.sort());
  assert.deepEqual(made(), first);
  for (const name of ['profile_pic_encryption_key', 'profile_pic_sources_key']) assert.equal(Buffer.from(first.get(name), 'base64').length, 32);
  assert.match(first.get('profile_pic_webhook_secret'), /^whsec_[A-Za-z0-9+/=]{44}$/);
  assert.equal(new Set(first.values()).size, first.size);
  assert.equal(readFileSync(join(work, 'copy'), 'utf8').trim().split('\n').length, first.size);
  assert.equal(statSync(join(work, 'copy')).mode & 0o777, 0o600);
});
