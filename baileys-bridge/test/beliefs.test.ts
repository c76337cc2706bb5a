import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../', import.meta.url);
const rows = readFileSync(new URL('BELIEFS.md', root), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()));

const pathOf = (file: string) => new URL(file.includes('/') ? file : `test/${file}`, root);

test('every belief names its source, and when it was seen', () => {
  expect(rows.length).toBeGreaterThan(10);
  for (const [, belief, source, , seen] of rows) {
    expect(source, belief).not.toBe('');
    expect(seen, belief).toMatch(/^(never|\d{4}-\d{2}-\d{2})$/);
  }
});

test.each(rows.map(([, belief = '', , tests = '']) => [belief, tests]))(
  'played by a test: %s',
  (_, tests) => {
    const named = [...tests.matchAll(/`([^`]+)` "([^"]+)"/g)];
    expect(named).not.toHaveLength(0);
    for (const [, file = '', title = ''] of named) {
      expect(existsSync(pathOf(file)), file).toBe(true);
      expect(readFileSync(pathOf(file), 'utf8'), file).toContain(title);
    }
  },
);
