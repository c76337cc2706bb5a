import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type CdnBehaviour, type FakeWhatsApp } from '../index.js';
import { type Client, endAll, eventually, pairedClient } from './client.js';

const PHONE = '5511987650001';

let server: FakeWhatsApp;
let client: Client;
let time = Date.parse('2026-11-22T12:00:00Z');

beforeAll(async () => {
  server = await createFakeWhatsApp({ now: () => time });
  client = await pairedClient(server, '5511900000071');
});
afterAll(async () => {
  await endAll();
  await server.close();
});

/** Gets a new link to the photo of the contact. */
async function link(cdn: CdnBehaviour | null = null, settings = {}): Promise<string> {
  server.setContact(PHONE, { picture: 'set', cdn, ...settings });
  return (await client.sock.profilePictureUrl(`${PHONE}@s.whatsapp.net`, 'image', 5_000)) ?? '';
}

const statusOf = async (url: string): Promise<number> => (await fetch(url, { redirect: 'manual' })).status;

async function download(cdn: CdnBehaviour): Promise<{ response: Response; bytes: Buffer }> {
  const response = await fetch(await link(cdn));
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

describe('a link of the CDN, we believe', () => {
  it('expires at `oe`, in hexadecimal Unix seconds', async () => {
    const url = await link(null, { link_ttl_seconds: 3600 });
    const expiry = Number.parseInt(new URL(url).searchParams.get('oe') ?? '', 16);

    expect(expiry).toBe(time / 1000 + 3600);
    expect(await statusOf(url)).toBe(200);
    time += 3_600_000;
    expect(await statusOf(url)).toBe(403);
    expect(await statusOf(await link())).toBe(200);
  });

  it.each([
    ['a later expiry', 'oe', 'FFFFFFFF'],
    ['no expiry at all', 'oe', ''],
    ['another signature', 'oh', '01_forged'],
  ])('with %s is refused with 403', async (_what, parameter, value) => {
    const url = new URL(await link());
    url.searchParams.set(parameter, value);

    expect(await statusOf(url.href)).toBe(403);
  });

  it('begins with the public address, when the server is reached by another name', async () => {
    const named = await createFakeWhatsApp({ publicUrl: 'http://fake-whatsapp:3002' });
    const reader = await pairedClient(named, '5511900000072');
    named.setContact(PHONE, { picture: 'set' });

    const url = await reader.sock.profilePictureUrl(`${PHONE}@s.whatsapp.net`, 'image', 5_000);

    expect(url).toMatch(/^http:\/\/fake-whatsapp:3002\/v\//);
    await reader.end();
    await named.close();
  });

  it('to what never was a photo is answered 404', async () => {
    const url = new URL(await link());
    url.pathname = `/v/t61.24694-24/${'0'.repeat(32)}_n.jpg`;

    expect(await statusOf(url.href)).toBe(404);
    expect(await statusOf(`${server.httpUrl}/v/t61.24694-24/x.jpg`)).toBe(404);
  });

  it('keeps serving the older photo after a change', async () => {
    const older = await link();
    const before = server.image(PHONE)?.bytes;

    server.changePicture(PHONE);

    expect(Buffer.from(await (await fetch(older)).arrayBuffer())).toEqual(before);
    expect(server.image(PHONE)?.bytes).not.toEqual(before);
  });

  it('is answered 404 after the photo was taken away', async () => {
    const url = await link();

    server.removePicture(PHONE);

    expect(await statusOf(url)).toBe(404);
    expect(server.image(PHONE)).toBeUndefined();
  });
});

describe('a CDN that misbehaves', () => {
  it.each([403, 404, 410, 500, 503])('can answer %i', async (status) => {
    expect(await statusOf(await link({ status }))).toBe(status);
  });

  it('can redirect', async () => {
    const response = await fetch(await link({ redirect_to: 'http://169.254.169.254/' }), {
      redirect: 'manual',
    });

    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('http://169.254.169.254/');
  });

  it('can be slow', async () => {
    const { response, bytes } = await download({ delay_ms: 1 });

    expect(response.status).toBe(200);
    expect(bytes).toEqual(server.image(PHONE)?.bytes);
  });

  it('can take the question and never answer', async () => {
    const url = await link({ hang: 'headers' });
    const abort = new AbortController();
    server.clearRequests();

    const answer = fetch(url, { signal: abort.signal });
    const aborted = expect(answer).rejects.toThrow('aborted');
    await eventually(() => server.requests().some((request) => request.answer === 'hang'));
    abort.abort();

    await aborted;
  });

  it('can stop in the middle of the body', async () => {
    const abort = new AbortController();
    const response = await fetch(await link({ hang: 'body' }), { signal: abort.signal });
    const promised = Number(response.headers.get('content-length'));

    const first = await response.body?.getReader().read();
    abort.abort();

    expect(response.status).toBe(200);
    expect(promised).toBe(server.image(PHONE)?.bytes.length);
    expect((first?.value as Uint8Array).length).toBeLessThan(promised);
  });

  it('can hide the length', async () => {
    const { response, bytes } = await download({ chunked: true });

    expect(response.headers.get('content-length')).toBeNull();
    expect(bytes).toEqual(server.image(PHONE)?.bytes);
  });

  it('can lie about the content type', async () => {
    const { response } = await download({ content_type: 'text/html' });

    expect(response.headers.get('content-type')).toBe('text/html');
  });

  it('can send another body, and `image` shows the same bytes', async () => {
    const { bytes } = await download({ body: 'not_an_image' });

    expect(bytes.toString()).toContain('<!DOCTYPE html>');
    expect(bytes).toEqual(server.image(PHONE)?.bytes);
  });

  it('can do so a number of times only', async () => {
    const url = await link({ status: 503, times: 2 });

    const statuses = [await statusOf(url), await statusOf(url), await statusOf(url)];

    expect(statuses).toEqual([503, 503, 200]);
  });

  it('works again when told so', async () => {
    const url = await link({ status: 500 });

    server.setContact(PHONE, { cdn: null });

    expect(await statusOf(url)).toBe(200);
  });

  it('writes down every download with its status', async () => {
    const url = await link({ status: 410, times: 1 });
    server.clearRequests();

    await fetch(url);
    await fetch(url);

    const target = `${PHONE}@s.whatsapp.net`;
    expect(server.requests()).toMatchObject([
      { kind: 'cdn', session: null, target, type: 'image', answer: '410' },
      { kind: 'cdn', session: null, target, type: 'image', answer: '200' },
    ]);
  });
});
