import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { jvm, program, service } from '../services.mjs';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');

test('without memory every program ends, and each has its share', () => {
  for (const start of [jvm(64), program('/r', 'db-migrations'), service('/r', 'receiver-service'), service('/r', 'worker-service')]) {
    assert.ok(start.includes('-XX:+ExitOnOutOfMemoryError'), start.join(' '));
    assert.match(start[0], /^-Xmx\d+m$/);
  }
});

test('with one or two processors nothing is collected in parallel', () => {
  assert.ok(jvm(64, 1).includes('-XX:+UseSerialGC'));
  assert.ok(service('/r', 'worker-service', 2).includes('-XX:+UseSerialGC'));
  assert.ok(!service('/r', 'worker-service', 3).includes('-XX:+UseSerialGC'));
});

test('a service starts with the cache of its build, and without one where there is none', () => {
  const checkout = mkdtempSync(join(tmpdir(), 'services-'));
  try {
    assert.ok(!service(checkout, 'worker-service').some((option) => option.startsWith('-XX:AOTCache')));

    mkdirSync(join(checkout, 'worker-service/target/service'), { recursive: true });
    writeFileSync(join(checkout, 'worker-service/target/service/app.aot'), '');

    assert.ok(service(checkout, 'worker-service').includes(`-XX:AOTCache=${checkout}/worker-service/target/service/app.aot`));
  } finally {
    rmSync(checkout, { recursive: true });
  }
});

test('bin/up and the images start a service with the same options', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  for (const name of ['receiver', 'worker']) {
    assert.ok(service(root, `${name}-service`).includes(`@${join(root, `${name}-service`)}/jvm.options`));
    const stage = dockerfile.split(/^FROM /m).find((each) => each.includes(` AS ${name}\n`));
    assert.match(stage, new RegExp(`^COPY ${name}-service/jvm\\.options `, 'm'));
    assert.match(stage, /^ENTRYPOINT .*"@jvm\.options"/m);
  }
});
