import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp, type SessionClosing } from '../index.js';
import {
  type Client,
  closeReason,
  connect,
  endAll,
  eventually,
  opened,
  pairedClient,
  unpairedDevice,
} from './client.js';

const USER = '5511900000041';

let server: FakeWhatsApp;

beforeAll(async () => {
  server = await createFakeWhatsApp({ behaviour: { unknown_devices: 'accept' } });
});
afterEach(endAll);
afterAll(() => server.close());

const open = (config = {}): Promise<Client> => opened(connect(server, unpairedDevice(USER), config));

describe('the end of a session, we believe', () => {
  it.each<[SessionClosing, number]>([
    ['515', 515],
    ['503', 503],
    ['500', 500],
    ['411', 411],
    ['replaced', 440],
    ['logged_out', 401],
    ['428', 428],
    ['drop', 428],
  ])('by %s is seen as %i', async (how, code) => {
    const client = await open();

    expect(server.closeSessions(USER, how)).toBe(1);

    expect(await closeReason(client)).toBe(code);
  });

  it('by a drop rejects a lookup that waits with the bare close code 1006', async () => {
    server.setContact('5511987650001', { picture: 'silent' });
    const client = await open();

    const lookup = client.sock.profilePictureUrl('5511987650001@s.whatsapp.net', 'image', 10_000);
    const rejected = expect(lookup).rejects.toBe(1006);
    await eventually(() => server.requests().some(({ answer }) => answer === 'silence'));
    server.closeSessions(USER, 'drop');

    await rejected;
  });

  it('may come without any sign: a frozen session is noticed by the missing pong (408)', async () => {
    const client = await open({ keepAliveIntervalMs: 100 });

    server.closeSessions(USER, 'freeze');

    expect(server.sessions()).toMatchObject([{ user: USER, state: 'frozen' }]);
    expect(await closeReason(client)).toBe(408);
  });

  it('comes as "replaced" to the older of two connections of one device', async () => {
    const device = unpairedDevice(USER);
    const first = await opened(connect(server, device));
    const second = await opened(connect(server, device));

    expect(await closeReason(first)).toBe(440);
    expect(second.events.some((map) => map['connection.update']?.connection === 'close')).toBe(false);
    expect(server.sessions()).toHaveLength(1);
  });
});

describe('a login that fails', () => {
  it.each([401, 403, 405, 411, 503])('with reason %i is seen as that', async (reason) => {
    server.failLogins(USER, String(reason), 1);

    expect(await closeReason(connect(server, unpairedDevice(USER)))).toBe(reason);
  });

  it('may fail a number of times and then pass', async () => {
    server.failLogins(USER, '503', 2);

    expect(await closeReason(connect(server, unpairedDevice(USER)))).toBe(503);
    expect(await closeReason(connect(server, unpairedDevice(USER)))).toBe(503);
    await open();
  });

  it('fails until it is told to pass', async () => {
    server.failLogins(USER, '403');
    expect(await closeReason(connect(server, unpairedDevice(USER)))).toBe(403);
    expect(await closeReason(connect(server, unpairedDevice(USER)))).toBe(403);

    server.failLogins(USER, null);

    await open();
  });

  it('fails only for the number that was named', async () => {
    server.failLogins('5511900000099', '401');

    await open();
  });
});

describe('a device that was logged out, we believe', () => {
  it('is refused ever after, when it logged itself out', async () => {
    const { sock, device } = await pairedClient(server, '5511900000051');

    await sock.logout();
    await eventually(() => server.sessions().length === 0);

    expect(await closeReason(connect(server, device))).toBe(401);
  });

  it('is refused ever after, when the phone logged it out', async () => {
    const client = await pairedClient(server, '5511900000052');

    server.closeSessions('5511900000052', 'logged_out');
    await closeReason(client);

    expect(await closeReason(connect(server, client.device))).toBe(401);
  });
});

describe('the list of sessions', () => {
  it('shows who is logged in and who is pairing', async () => {
    await open();
    connect(server);

    const sessions = await eventually(() => {
      const listed = server.sessions();
      return listed.length === 2 && listed;
    });
    expect(sessions).toMatchObject([
      { user: USER, device: 3, state: 'open' },
      { user: null, device: null, state: 'pairing' },
    ]);
  });
});
