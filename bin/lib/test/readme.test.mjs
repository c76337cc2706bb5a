import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandsOf, README_LEAD } from '../readme.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../../..');

test('the commands of "Try it" are found, and name the lead that bin/up seeds', () => {
  const commands = commandsOf(readFileSync(join(root, 'README.md'), 'utf8'));

  assert.ok(commands.length > 0);
  for (const command of commands) {
    assert.match(command, new RegExp(README_LEAD.id));
    assert.match(command, /127\.0\.0\.1:8080/);
  }
});

test('blocks elsewhere and blocks without a call are left alone', () => {
  assert.deepEqual(commandsOf('## Try it\n```sh\nbin/up\n```\n```sh\ncurl a\n```\n## Other\n```sh\ncurl b\n```\n## End\n'), ['curl a\n']);
});
