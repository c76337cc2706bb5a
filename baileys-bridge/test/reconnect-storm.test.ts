import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../src/database/migrate.js';
import { eventually } from './support/eventually.js';
import { createFakeClock } from './support/fake-clock.js';
import { createLiveInstance, pairLiveInstance } from './support/live-instance.js';
import { type World, createWorld } from './support/world.js';

const HOUR = 60 * 60_000;
const account = '5511900000001';
let world: World;

beforeAll(async () => {
  world = await createWorld();
  await migrate(world.database.pool);
});
afterAll(() => world.close());

const resources = (kind: string) => process.getActiveResourcesInfo().filter((each) => each === kind).length;

test('a day of reconnect storms leaves no timers and no sockets behind', async () => {
  const clock = createFakeClock();
  const live = await createLiveInstance(world, 'stormy', clock, () => 0.5);
  const before = { timers: resources('Timeout'), sockets: resources('TCPSocketWrap') };
  await pairLiveInstance(world, live, account);
  const { instance } = live;
  const troubles = ['drop', '428', '503', '515', '500'] as const;
  const start = clock.now();
  let round = 0;

  while (clock.now() - start < 24 * HOUR) {
    // Some connections hold for a while, some fail at once, and some logins are refused.
    if (round % 7 === 0) clock.advance(5 * 60_000);
    if (round % 5 === 0) world.fake.failLogins(account, '503', 12);
    const seen = live.reconnects.length;
    world.fake.closeSessions(account, troubles[round % troubles.length] ?? 'drop');
    await eventually(() => live.reconnects.length > seen);
    while (instance.status().state !== 'open') {
      const endedBefore = live.reconnects.length;
      // A restart is already under way; the next task on the clock would be its watchdog.
      if (instance.status().reason !== 'restart_required') clock.runNext();
      await eventually(() => instance.status().state === 'open' || live.reconnects.length > endedBefore);
      expect(clock.pending()).toBeLessThanOrEqual(1);
    }
    expect(world.fake.sessions().filter(({ state }) => state === 'open').length).toBeLessThanOrEqual(2);
    round++;
  }
  await instance.stop();

  expect(live.reconnects.length).toBeGreaterThan(300);
  expect(clock.pending()).toBe(0);
  await eventually(() => world.fake.sessions().length === 0);
  // Baileys' own leftovers live for at most 30 s; a leak would leave one timer or socket per reconnect.
  await eventually(() => resources('Timeout') <= before.timers + 2, 60_000);
  await eventually(() => resources('TCPSocketWrap') <= before.sockets + 2);
}, 300_000);
