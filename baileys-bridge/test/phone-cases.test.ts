import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { phoneVariants } from '../lookups/contact-address.js';

interface Pair {
  readonly one: string;
  readonly other: string;
  readonly same: boolean;
  readonly why: string;
}

// The test cases that the services and the database use too.
const file = new URL('../../contract/src/test/resources/phone-cases.json', import.meta.url);
const { numbers, single } = JSON.parse(readFileSync(file, 'utf8')) as {
  readonly numbers: readonly Pair[];
  readonly single: readonly { readonly number: string; readonly why: string }[];
};

test.each(numbers)('$one and $other: $why', ({ one, other, same }) => {
  expect(phoneVariants(one)[0]).toBe(one);
  expect(phoneVariants(one).includes(other)).toBe(same);
  expect(phoneVariants(other).includes(one)).toBe(same);
});

test.each(single)('$number has one spelling: $why', ({ number }) => {
  expect(phoneVariants(number)).toEqual([number]);
});
