import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, medianOf, percentile, round } from '../lib/statistics.mjs';

test('a percentile is the nearest rank, whatever the order', () => {
  const values = [5, 1, 4, 2, 3, 10, 9, 8, 7, 6];

  assert.equal(percentile(values, 0.5), 5);
  assert.equal(percentile(values, 0.99), 10);
  assert.equal(percentile(values, 0.1), 1);
  assert.deepEqual(values.slice(0, 3), [5, 1, 4]);
});

test('one value is every percentile of itself, and no value is none', () => {
  assert.equal(percentile([7], 0.99), 7);
  assert.ok(Number.isNaN(median([])));
});

test('runs are joined by the median of each number that all of them have', () => {
  const joined = medianOf([{ rate: 1, cpu: {} }, { rate: 3, seconds: 2 }, { rate: 2 }]);

  assert.deepEqual(joined, { rate: 2 });
});

test('figures for people have three digits that count', () => {
  assert.deepEqual([0.12345, 12.345, 1234.5, NaN].map(round), [0.123, 12.3, 1235, NaN]);
});
