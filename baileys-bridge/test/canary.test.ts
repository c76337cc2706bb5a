import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCanary } from '../canary/canary.js';
import { systemClock } from '../lookups/clock.js';
import { migrate } from '../src/database/migrate.js';
import { type LiveInstance, createLiveInstance, pairLiveInstance } from './support/live-instance.js';
import { type World, createWorld } from './support/world.js';

let world: World;
let live: LiveInstance;

beforeAll(async () => {
  world = await createWorld();
  await migrate(world.database.pool);
  live = await createLiveInstance(world, 'canary', systemClock, Math.random);
  await pairLiveInstance(world, live, '5511900000001');
});
afterAll(async () => {
  await live.instance.stop();
  await world.close();
});

test('the canary shows the shape of what came back, and nobody in it', async () => {
  world.fake.setContact('5562999410501', { picture: 'set', lid: '78000000000001@lid' });
  world.fake.setContact('5562999410502', { picture: 'hidden' });
  const socket = live.instance.connection()?.socket;
  if (!socket) throw new Error('not connected');
  const lines: string[] = [];
  let rests = 0;

  await runCanary({
    socket,
    phones: ['5562999410501', '5562999410502'],
    rest: async () => void rests++,
    write: (text) => lines.push(text),
  });

  const text = lines.join('\n');
  expect(text).toContain('status="304"');
  expect(text).toContain('error 401');
  expect(text).toMatch(/<contact type="in"/);
  expect(text).toMatch(/jid="person\d+@s\.whatsapp\.net"/);
  expect(text).not.toMatch(/55629994105|78000000000001|\/v\/t61|127\.0\.0\.1/);
  expect(rests).toBe(5);
});
