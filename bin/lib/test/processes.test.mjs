import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('the script that starts a part again names its java in full, and only its owner reads it', async () => {
  process.env.JAVA_HOME = '/opt/some-jdk';
  const { createProcesses } = await import('../processes.mjs');
  const directory = mkdtempSync(join(tmpdir(), 'processes-'));
  try {
    const processes = createProcesses(directory);
    const node = processes.start('node', 'node', ['--version'], { SECRET: "it's" });
    await processes.finished(node);
    const java = processes.start('java', 'java', ['-version']);
    await assert.rejects(processes.finished(java), /opt\/some-jdk/);

    const script = (name) => join(directory, `start-${name}.sh`);
    assert.match(readFileSync(script('java'), 'utf8'), /^exec '\/opt\/some-jdk\/bin\/java' '-version'$/m);
    assert.match(readFileSync(script('java'), 'utf8'), /^export MALLOC_ARENA_MAX='2'$/m);
    assert.ok(readFileSync(script('node'), 'utf8').includes(`exec '${process.execPath}'`));
    assert.equal(statSync(script('node')).mode & 0o777, 0o700);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
