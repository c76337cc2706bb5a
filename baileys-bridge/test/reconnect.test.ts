import { expect, test } from 'vitest';
import { afterClose, reconnectDelay } from '../src/instances/reconnect.js';

const paired = { transport: false, paired: true };

test.each([
  [515, { kind: 'reconnect_now', reason: 'restart_required' }],
  [408, { kind: 'reconnect_later', reason: 'timed_out' }],
  [428, { kind: 'reconnect_later', reason: 'connection_closed' }],
  [500, { kind: 'reconnect_later', reason: 'bad_session' }],
  [503, { kind: 'reconnect_later', reason: 'service_unavailable' }],
  [440, { kind: 'stop', state: 'replaced', reason: 'connection_replaced' }],
  [401, { kind: 'stop', state: 'logged_out', reason: 'logged_out' }],
  [402, { kind: 'stop', state: 'banned', reason: 'temporary_ban' }],
  [403, { kind: 'stop', state: 'logged_out', reason: 'main_device_gone' }],
  [405, { kind: 'reconnect_later', reason: 'client_outdated' }],
  [406, { kind: 'stop', state: 'banned', reason: 'banned' }],
  [409, { kind: 'stop', state: 'failed', reason: 'bad_user_agent' }],
  [418, { kind: 'stop', state: 'failed', reason: 'client_unknown' }],
  [411, { kind: 'stop', state: 'failed', reason: 'multi_device_mismatch' }],
  [999, { kind: 'reconnect_later', reason: 'closed_999' }],
  [undefined, { kind: 'reconnect_later', reason: 'closed_unknown' }],
])('a connection that ended with %s', (code, next) => {
  expect(afterClose({ code, ...paired })).toEqual(next);
});

test("a proxy's 401 is no logout", () => {
  expect(afterClose({ code: 401, transport: true, paired: true })).toEqual({
    kind: 'reconnect_later',
    reason: 'transport_401',
  });
});

test('a QR code that nobody scanned pauses the instance', () => {
  expect(afterClose({ code: 408, transport: false, paired: false })).toEqual({
    kind: 'stop',
    state: 'paused',
    reason: 'qr_not_scanned',
  });
});

test('the wait doubles from one second to five minutes, half of it by chance', () => {
  const shortest = [0, 1, 2, 3, 8, 9, 1_000].map((attempt) => reconnectDelay(attempt, 0));
  const longest = [0, 1, 2, 3, 8, 9, 1_000].map((attempt) => reconnectDelay(attempt, 0.999_999_9));

  expect(shortest).toEqual([500, 1_000, 2_000, 4_000, 128_000, 150_000, 150_000]);
  expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 256_000, 300_000, 300_000]);
});
