import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PARTS, readOptions } from '../lib/options.mjs';

test('everything is measured three times unless told otherwise', () => {
  const { parts, rounds, output, scale } = readOptions([], 'results.json');

  assert.deepEqual({ parts, rounds, output, count: scale(20_000) }, { parts: PARTS, rounds: 3, output: 'results.json', count: 20_000 });
});

test('quick means a tenth, once', () => {
  const { rounds, scale } = readOptions(['--quick'], 'results.json');

  assert.deepEqual([rounds, scale(20_000)], [1, 2_000]);
});

test('what does not exist is refused by name', () => {
  assert.throws(() => readOptions(['--only', 'drain,speed'], ''), /unknown part: speed/);
  assert.throws(() => readOptions(['--rounds', '0'], ''), /--rounds/);
  assert.throws(() => readOptions(['--fast'], ''), /--fast/);
});

test('a snapshot is held for ten minutes, or as long as one says', () => {
  const seconds = (...args) => readOptions(args, '').snapshotSeconds;

  assert.deepEqual([seconds(), seconds('--quick'), seconds('--quick', '--snapshot', '600')], [600, 20, 600]);
  assert.throws(() => seconds('--snapshot', 'long'), /--snapshot/);
  assert.throws(() => seconds('--snapshot', '9'), /--snapshot/);
});
