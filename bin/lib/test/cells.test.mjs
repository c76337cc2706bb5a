import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALWAYS, CELLS, VALUES, chosen } from '../databases/cells.mjs';

test('each pair of values of two factors is in a cell, and nine cells are enough', () => {
  const factors = Object.keys(VALUES);
  const missing = factors.flatMap((one, index) =>
    factors.slice(index + 1).flatMap((other) =>
      VALUES[one].flatMap((a) =>
        VALUES[other].filter((b) => !CELLS.some((cell) => cell[one] === a && cell[other] === b)).map((b) => `${one} ${a}, ${other} ${b}`))));

  assert.deepEqual(missing, []);
  assert.ok(CELLS.length <= 9);
});

test('the two that always run are cells, and need no PGMQ that must be brought', () => {
  const always = chosen(ALWAYS);

  assert.equal(always.length, 2);
  assert.ok(always.every(({ pgmq }) => pgmq === '1.11.1'));
});

test('a cell that does not exist is named with those that do', () => {
  assert.throws(() => chosen(['14-direct']), /no such cell: 14-direct \(15-direct/);
});
