import { getBinaryNodeChild, S_WHATSAPP_NET } from 'baileys';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import { type Client, endAll, eventually, pairedClient } from './client.js';

const PHONE = '5511987650001';
const JID = `${PHONE}@s.whatsapp.net`;
const ME = '5511900000001';

let server: FakeWhatsApp;
let client: Client;

beforeAll(async () => {
  server = await createFakeWhatsApp();
  client = await pairedClient(server, ME);
});
afterAll(async () => {
  await endAll();
  await server.close();
});
beforeEach(() => {
  server.setContact(PHONE, { picture: 'none', throttle_times: 0, cdn: null });
  server.clearRequests();
});

const lookUp = (jid = JID, type: 'image' | 'preview' = 'image', timeoutMs = 5_000) =>
  client.sock.profilePictureUrl(jid, type, timeoutMs);

/** Returns the `<picture>` of an answer, which has more attributes than the link that Baileys returns. */
async function picture(attrs: Record<string, string> = {}) {
  const answer: unknown = await client.sock.query({
    tag: 'iq',
    attrs: { target: JID, to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:profile:picture' },
    content: [{ tag: 'picture', attrs: { query: 'url', type: 'image', ...attrs } }],
  });
  return getBinaryNodeChild(answer as Parameters<typeof getBinaryNodeChild>[0], 'picture')?.attrs;
}

describe('a picture lookup, we believe', () => {
  it('is answered with a link to a JPEG when a photo is set', async () => {
    server.setContact(PHONE, { picture: 'set' });

    const url = await lookUp();

    const download = await fetch(url ?? '');
    expect(download.status).toBe(200);
    expect(download.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await download.arrayBuffer())).toEqual(server.image(PHONE)?.bytes);
  });

  it('is answered with a smaller photo when a preview is asked for', async () => {
    server.setContact(PHONE, { picture: 'set' });

    const url = await lookUp(JID, 'preview');

    const bytes = Buffer.from(await (await fetch(url ?? '')).arrayBuffer());
    expect(bytes).toEqual(server.image(PHONE, 'preview')?.bytes);
    expect(bytes).not.toEqual(server.image(PHONE, 'image')?.bytes);
  });

  it('shows no phone number in the link', async () => {
    server.setContact(PHONE, { picture: 'set' });

    expect(await lookUp()).not.toContain(PHONE);
  });

  it.each([
    ['none', 404, 'item-not-found'],
    ['hidden', 401, 'not-authorized'],
    ['throttled', 429, 'rate-overlimit'],
    ['bad_request', 400, 'bad-request'],
    ['server_error', 500, 'internal-server-error'],
    ['not_on_whatsapp', 404, 'item-not-found'],
  ] as const)('of a contact whose picture is %s is answered %i %s', async (state, data, message) => {
    server.setContact(PHONE, { picture: state });

    await expect(lookUp()).rejects.toMatchObject({ data, message });
  });

  it('of somebody who was never configured is answered 404', async () => {
    await expect(lookUp('5511987659999@s.whatsapp.net')).rejects.toMatchObject({ data: 404 });
  });

  it('of what is no address is answered 400', async () => {
    await expect(lookUp('x@s.whatsapp.net')).rejects.toMatchObject({ data: 400 });
  });

  it('is answered 429 as often as told, and then with the photo', async () => {
    server.setContact(PHONE, { picture: 'throttled', throttle_times: 2 });

    await expect(lookUp()).rejects.toMatchObject({ data: 429 });
    await expect(lookUp()).rejects.toMatchObject({ data: 429 });
    expect(await lookUp()).toContain('/v/t61.24694-24/');
  });

  it('may be answered without a picture, which Baileys cannot tell from a missing link', async () => {
    server.setContact(PHONE, { picture: 'empty' });

    expect(await lookUp()).toBeUndefined();
  });

  it('may be answered with status 204 for a photo that is gone', async () => {
    server.setContact(PHONE, { picture: 'no_content' });

    expect(await picture()).toEqual({ status: '204' });
  });

  it('may never be answered, and then ends with the timeout of the client', async () => {
    server.setContact(PHONE, { picture: 'silent' });

    await expect(lookUp(JID, 'image', 50)).rejects.toMatchObject({ output: { statusCode: 408 } });
    await eventually(() => server.requests().some((request) => request.answer === 'silence'));
  });

  it("of one's own photo is answered, but never with a privacy token in it", async () => {
    server.setContact(ME, { picture: 'set' });
    const own = `${ME}@s.whatsapp.net`;

    expect(await lookUp(own)).toContain('/v/');
    const withToken = client.sock.query(
      {
        tag: 'iq',
        attrs: { target: own, to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:profile:picture' },
        content: [
          {
            tag: 'picture',
            attrs: { query: 'url', type: 'image' },
            content: [{ tag: 'tctoken', attrs: {}, content: Buffer.from([1]) }],
          },
        ],
      },
      100,
    );
    await expect(withToken).rejects.toMatchObject({ output: { statusCode: 408 } });
  });

  it('by LID finds the same photo as by number', async () => {
    server.setContact(PHONE, { picture: 'set', lid: '98765432101234@lid' });

    const url = await lookUp('98765432101234@lid');

    const bytes = Buffer.from(await (await fetch(url ?? '')).arrayBuffer());
    expect(bytes).toEqual(server.image(PHONE)?.bytes);
  });

  it('of a group works like one of a person', async () => {
    server.setContact('120363000000000001@g.us', { picture: 'set' });

    const url = await lookUp('120363000000000001@g.us');

    expect((await fetch(url ?? '')).status).toBe(200);
    expect(server.lidOf('120363000000000001@g.us')).toBeNull();
  });
});

describe('the picture id, we believe', () => {
  it('is the same for image and preview, and another one after a change', async () => {
    server.setContact(PHONE, { picture: 'set' });

    const image = await picture();
    const preview = await picture({ type: 'preview' });
    const changed = server.changePicture(PHONE);

    expect(image?.['id']).toMatch(/^\d{10}$/);
    expect(preview?.['id']).toBe(image?.['id']);
    expect((await picture())?.['id']).toBe(changed.picture_id);
    expect(changed.picture_id).not.toBe(image?.['id']);
  });

  it('spares the link when the client knows it already', async () => {
    server.setContact(PHONE, { picture: 'set' });
    const id = (await picture())?.['id'] ?? '';

    expect(await picture({ id })).toEqual({ status: '304' });
    expect(await picture({ id: '1' })).toMatchObject({ id });
  });

  it('is a new one for a photo that comes back', async () => {
    server.setContact(PHONE, { picture: 'set' });
    const before = (await picture())?.['id'];

    server.removePicture(PHONE);
    server.setContact(PHONE, { picture: 'set' });

    expect((await picture())?.['id']).not.toBe(before);
  });
});

describe('the server', () => {
  it('writes down every lookup with session, target, size, answer and time', async () => {
    server.setContact(PHONE, { picture: 'set' });
    const before = Date.now();

    await lookUp();

    const lookups = server.requests().filter((request) => request.kind === 'picture');
    expect(lookups).toMatchObject([{ session: ME, target: JID, type: 'image', answer: 'url' }]);
    expect(Date.parse(lookups[0]?.at ?? '')).toBeGreaterThanOrEqual(before);
  });

  it('gives everybody a photo when told so', async () => {
    server.setBehaviour({ default_picture: 'set' });
    try {
      expect(await lookUp('5511987658888@s.whatsapp.net')).toContain('/v/');
    } finally {
      server.setBehaviour({ default_picture: 'none' });
    }
  });
});
