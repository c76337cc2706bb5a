import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

test('what runs with the bridge is named with its licence, libsignal with the whole GPL', () => {
  execFileSync(process.execPath, ['licences.js'], { cwd: root });
  const text = readFileSync(`${root}/dist/THIRD-PARTY-LICENCES.txt`, 'utf8');

  for (const name of ['baileys', 'fastify', 'pg', 'pino', 'ws', 'zod'])
    expect(text).toMatch(new RegExp(`^${name} \\d`, 'm'));
  expect(text).toMatch(/libsignal(-node)? [\d.]+: GPL-3\.0/);
  expect(text).toContain('GNU GENERAL PUBLIC LICENSE');
  expect(text).not.toMatch(/^vitest /m);
});
