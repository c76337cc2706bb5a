import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import { type Client, endAll, pairedClient } from './client.js';

const PHONE = '5511987650001';
const JID = `${PHONE}@s.whatsapp.net`;

let server: FakeWhatsApp;
let client: Client;

beforeAll(async () => {
  server = await createFakeWhatsApp();
  client = await pairedClient(server, '5511900000001');
});
afterAll(async () => {
  await endAll();
  await server.close();
});
beforeEach(() => server.clearRequests());

const lookUp = (jid = JID, type: 'image' | 'preview' = 'image', timeoutMs = 5_000) =>
  client.sock.profilePictureUrl(jid, type, timeoutMs);

describe('looking up a picture, as we believe WhatsApp answers', () => {
  it('answers a link to a JPEG when a photo is set', async () => {
    server.setContact(PHONE, { picture: 'set' });

    const url = await lookUp();

    const download = await fetch(url ?? '');
    expect(download.status).toBe(200);
    expect(download.headers.get('content-type')).toBe('image/jpeg');
    const expected = server.image(PHONE)?.bytes;
    expect(Buffer.from(await download.arrayBuffer()).equals(expected ?? Buffer.alloc(0))).toBe(true);
  });

  it('answers 404 item-not-found when no photo is set', async () => {
    server.setContact(PHONE, { picture: 'none' });

    await expect(lookUp()).rejects.toMatchObject({ data: 404, message: 'item-not-found' });
  });
});
