import { afterAll, beforeAll, expect, test } from 'vitest';
import { type World, createWorld } from './support/world.js';

let world: World;

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

test('a number that is created while it is deleted is new afterwards, and no call fails', async () => {
  const bridge = await world.bridge();
  await world.pair(bridge, 'again', '5511900000001');

  const answers = await Promise.all([
    bridge.api.delete('/instances/again'),
    bridge.api.post('/instances/again'),
    bridge.api.delete('/instances/again'),
    bridge.api.post('/instances/again'),
  ]);

  for (const { status } of answers) expect([200, 201, 204, 404, 409]).toContain(status);
  expect(bridge.logged()).not.toContain('a request failed');
  await bridge.api.post('/instances/again');
  await bridge.api.untilState('again', 'qr');
});
