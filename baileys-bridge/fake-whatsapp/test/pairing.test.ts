import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import {
  closeReason,
  connect,
  connectionUpdates,
  endAll,
  eventually,
  opened,
  pairedClient,
  unpairedDevice,
} from './client.js';

let server: FakeWhatsApp;

beforeAll(async () => {
  server = await createFakeWhatsApp();
});
afterAll(async () => {
  await endAll();
  await server.close();
});

const shownQr = (client: ReturnType<typeof connect>) =>
  eventually(() => connectionUpdates(client).find((update) => update.qr)?.qr);

describe('pairing by QR code, we believe', () => {
  it('makes the device restart its connection (515), after which it opens', async () => {
    const client = connect(server);

    const paired = await server.scan({ qr: await shownQr(client), jid: '5511900000011' });

    expect(await closeReason(client)).toBe(515);
    expect(client.device.creds.me).toMatchObject({ id: paired.jid, lid: paired.lid });
    const again = await opened(connect(server, client.device));
    expect(again.sock.user?.id).toBe('5511900000011:1@s.whatsapp.net');
  });

  it('gives each device of a number a number of its own, or the one that the jid names', async () => {
    const first = await pairedClient(server, '5511900000012');
    const second = await pairedClient(server, '5511900000012');
    const ninth = await pairedClient(server, '5511900000012:9@s.whatsapp.net');

    const ids = [first, second, ninth].map((client) => client.sock.user?.id);
    expect(ids).toEqual([1, 2, 9].map((device) => `5511900000012:${device}@s.whatsapp.net`));
  });

  it('tells the LID of the account', async () => {
    const client = connect(server);

    await server.scan({ qr: await shownQr(client), jid: '5511900000013', lid: '4455667788@lid' });
    await closeReason(client);

    expect(client.device.creds.me?.lid).toBe('4455667788:1@lid');
  });

  it('is refused for a text that is no QR code, or that nobody shows', async () => {
    await expect(server.scan({ qr: 'hello', jid: '5511900000014' })).rejects.toMatchObject({
      reason: 'invalid',
      field: 'qr',
    });
    await expect(server.scan({ qr: 'ref,a,b,c', jid: '5511900000014' })).rejects.toMatchObject({
      reason: 'not_found',
    });
  });

  it('fails when the client goes away before it replies', async () => {
    const client = connect(server);
    const qr = await shownQr(client);
    client.sock.ws.removeAllListeners('CB:iq,,pair-success');

    const scan = server.scan({ qr, jid: '5511900000015' });
    const failed = expect(scan).rejects.toThrow('closed before it replied');
    await client.end();

    await failed;
  });
});

describe('pairing by code, we believe', () => {
  it('ends like pairing by QR code', async () => {
    const client = connect(server);
    await shownQr(client);
    const code = await client.sock.requestPairingCode('5511900000021');

    const paired = await eventually(() =>
      server.enterPairingCode({ phone: '5511900000021', code }).catch(() => undefined),
    );

    expect(await closeReason(client)).toBe(515);
    expect(client.device.creds.me).toMatchObject({ id: paired.jid, lid: paired.lid });
    await opened(connect(server, client.device));
  });

  it('fails with another code than the one that is shown', async () => {
    const client = connect(server);
    await shownQr(client);
    await client.sock.requestPairingCode('5511900000022', 'AAAABBBB');
    await eventually(async () => {
      const failure = await server
        .enterPairingCode({ phone: '5511900000022', code: 'AAAACCCC' })
        .catch((error: unknown) => error);
      return (failure as { reason?: string }).reason === 'invalid';
    });
  });

  it('fails when nobody asked for a code', async () => {
    const entered = server.enterPairingCode({ phone: '5511900000023', code: 'AAAABBBB' });

    await expect(entered).rejects.toMatchObject({ reason: 'not_found', field: 'phone' });
  });
});

describe('a device that never paired', () => {
  it('is refused with 401', async () => {
    expect(await closeReason(connect(server, unpairedDevice('5511900000031')))).toBe(401);
  });

  it.each(['accept', 'accept_with_keys'] as const)('is let in when told to %s', async (unknown_devices) => {
    server.setBehaviour({ unknown_devices });
    try {
      const { device } = await opened(connect(server, unpairedDevice('5511900000032')));
      // Pre-keys are numbered from 1 on; a device that has uploaded none expects number 1 next.
      const uploaded = device.creds.nextPreKeyId > 1;
      expect(uploaded).toBe(unknown_devices === 'accept');
    } finally {
      server.setBehaviour({ unknown_devices: 'refuse' });
    }
  });
});
