import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPT = resolve(fileURLToPath(import.meta.url), '../../build.sh');

/** Writes a file and sets its time to `second` seconds after a fixed time. */
function file(path, second, text = '') {
  writeFileSync(path, text);
  utimesSync(path, 1_700_000_000 + second, 1_700_000_000 + second);
  return path;
}

/** Says whether a service counts as unpacked. Archive and options were changed at the given seconds; it was unpacked at second 10. */
function isUnpacked({ archive = 5, options = 5, java = '25' }) {
  const directory = mkdtempSync(join(tmpdir(), 'build-'));
  const target = join(directory, 'target');
  mkdirSync(join(target, 'service'), { recursive: true });
  file(join(target, 'service/java'), 10, '25\n');
  const jar = file(join(target, 'service.jar'), archive);
  const jvm = file(join(directory, 'jvm.options'), options);
  try {
    execFileSync('bash', ['-c', `. '${SCRIPT}'; is_unpacked '${jar}' '${join(target, 'service')}' '${java}' '${jvm}'`]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('a service stays unpacked until its archive, its options or the Java change', () => {
  assert.equal(isUnpacked({}), true);
  assert.equal(isUnpacked({ archive: 20 }), false);
  assert.equal(isUnpacked({ options: 20 }), false);
  assert.equal(isUnpacked({ java: '26' }), false);
});
