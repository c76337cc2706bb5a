import { expect, test } from 'vitest';
import { createAdmission } from '../src/instances/admission.js';

test('no more enter than there are places, in the order of asking, and leaving twice frees one place only', async () => {
  const admission = createAdmission(2);
  const entered: number[] = [];
  const enter = (n: number) =>
    admission.enter().then((leave) => {
      entered.push(n);
      return leave;
    });
  const [first, second, third, fourth] = [enter(1), enter(2), enter(3), enter(4)];
  const leaveFirst = await first;
  await second;
  await new Promise(setImmediate);
  expect(entered).toEqual([1, 2]);

  leaveFirst();
  leaveFirst();
  await third;
  await new Promise(setImmediate);
  expect(entered).toEqual([1, 2, 3]);

  (await second)();
  await fourth;
  expect(entered).toEqual([1, 2, 3, 4]);
});
