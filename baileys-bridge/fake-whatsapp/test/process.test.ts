import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import { closeReason, connect, endAll, eventually, opened, pairedClient, unpairedDevice } from './client.js';

const stateDir = mkdtempSync(join(tmpdir(), 'fake-whatsapp-'));
const running = new Set<FakeWhatsApp>();

async function start(options: Parameters<typeof createFakeWhatsApp>[0] = {}): Promise<FakeWhatsApp> {
  const server = await createFakeWhatsApp(options);
  running.add(server);
  return server;
}

async function stop(server: FakeWhatsApp): Promise<void> {
  running.delete(server);
  await server.close();
}

afterAll(async () => {
  await endAll();
  await Promise.all([...running].map(stop));
  rmSync(stateDir, { recursive: true });
});

describe('a restart with a state directory', () => {
  it('keeps devices paired, photos and their links valid, and messages readable', async () => {
    const before = await start({ stateDir });
    const port = Number(new URL(before.httpUrl).port);
    const client = await pairedClient(before, '5511900000091');
    before.setContact('5511987650001', { picture: 'set' });
    before.changePicture('5511987650001');
    const url = await client.sock.profilePictureUrl('5511987650001@s.whatsapp.net', 'image', 5_000);
    const image = before.image('5511987650001')?.bytes;
    await before.sendMessage({ to_instance: '5511900000091', from: '5511987650001', text: 'antes' });
    await client.end();
    await stop(before);

    const after = await start({ stateDir, port });
    expect(after.rootPublicKey).toBe(before.rootPublicKey);
    const again = await opened(connect(after, client.device));
    expect(Buffer.from(await (await fetch(url ?? '')).arrayBuffer())).toEqual(image);
    expect(after.image('5511987650001')?.bytes).toEqual(image);
    await after.sendMessage({ to_instance: '5511900000091', from: '5511987650002', text: 'depois' });
    const received = await eventually(() =>
      again.events
        .flatMap((map) => map['messages.upsert']?.messages ?? [])
        .find((message) => message.message?.conversation === 'depois'),
    );
    expect(received.key.remoteJid).toBe('5511987650002@s.whatsapp.net');
    await again.end();
    await stop(after);
  });

  it('survives a record that a kill cut short', async () => {
    const before = await start({ stateDir });
    before.setContact('5511987650003', { picture: 'hidden' });
    await stop(before);
    appendFileSync(join(stateDir, 'contacts.jsonl'), '{"jid":"5511987650003@s.what');

    const after = await start({ stateDir });

    expect(after.contact('5511987650003').picture).toBe('hidden');
    await stop(after);
  });

  it('still refuses a device that was logged out', async () => {
    const before = await start({ stateDir });
    const client = await pairedClient(before, '5511900000092');
    before.closeSessions('5511900000092', 'logged_out');
    await closeReason(client);
    await stop(before);

    const after = await start({ stateDir });

    expect(await closeReason(connect(after, client.device))).toBe(401);
    await stop(after);
  });
});

describe('a restart without a state directory', () => {
  it('logs everybody out', async () => {
    const before = await start();
    const client = await pairedClient(before, '5511900000093');
    await client.end();
    await stop(before);

    const after = await start();

    expect(await closeReason(connect(after, client.device))).toBe(401);
    await stop(after);
  });
});

describe('the chat server', () => {
  let server: FakeWhatsApp;
  beforeAll(async () => {
    server = await start({ behaviour: { unknown_devices: 'accept' } });
  });

  it('gives out routing info at login, and understands clients that bring it back', async () => {
    const device = unpairedDevice('5511900000095');
    const first = await opened(connect(server, device));
    await eventually(() => device.creds.routingInfo);
    await first.end();

    await opened(connect(server, device));
  });

  it.each([
    ['text', 'hello'],
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a handshake that is none', Buffer.from([0x57, 0x41, 6, 3, 0, 0, 3, 1, 2, 3])],
  ])('cuts off who sends %s', async (_what, bytes) => {
    const socket = new WebSocket(server.url);
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.on('open', () => socket.send(bytes));

    expect(await closed).toBe(1006);
  });

  it('waits for the rest of a stream that comes in small pieces', async () => {
    const socket = new WebSocket(server.url);
    await new Promise((resolve) => socket.on('open', resolve));
    // Edge routing info of three bytes, then half of the header.
    for (const byte of Buffer.from([0x45, 0x44, 0, 1, 0, 0, 3, 1, 2, 3, 0x57, 0x41])) {
      socket.send(Buffer.from([byte]));
    }
    await eventually(() => server.sessions().some(({ state }) => state === 'pairing'));
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    socket.send(Buffer.from([6, 9]));

    expect(await closed).toBe(1006);
  });

  it('lives at its own path only', async () => {
    const socket = new WebSocket(server.url.replace('/ws/chat', '/elsewhere'));

    const error = await new Promise<Error>((resolve) => socket.on('error', resolve));

    expect(error.message).toContain('404');
  });
});

describe('closing', () => {
  it('drops sessions and downloads that hang, and frees the port', async () => {
    const server = await start();
    const client = await pairedClient(server, '5511900000096');
    server.setContact('5511987650004', { picture: 'set', cdn: { hang: 'headers' } });
    const url = await client.sock.profilePictureUrl('5511987650004@s.whatsapp.net', 'image', 5_000);
    const download = fetch(url ?? '').then(
      (response) => response.status,
      () => 'cut',
    );
    await eventually(() => server.requests().some(({ answer }) => answer === 'hang'));

    await stop(server);

    expect(await closeReason(client)).toBe(428);
    await download;
    await stop(await start({ port: Number(new URL(server.httpUrl).port) }));
  });

  it('fails to start on a port that is taken', async () => {
    const server = await start();

    const second = createFakeWhatsApp({ port: Number(new URL(server.httpUrl).port) });

    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
