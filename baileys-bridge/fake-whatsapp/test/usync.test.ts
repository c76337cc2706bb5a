import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import { type Client, endAll, eventually, pairedClient } from './client.js';

const ME = '5511900000001';

let server: FakeWhatsApp;
let client: Client;

beforeAll(async () => {
  server = await createFakeWhatsApp();
  client = await pairedClient(server, ME, { defaultQueryTimeoutMs: 500 });
});
afterAll(async () => {
  await endAll();
  await server.close();
});
beforeEach(() => {
  server.setBehaviour({ usync: 'with_lid' });
  server.clearRequests();
});

const lidOf = (phone: string) =>
  client.sock.signalRepository.lidMapping.getLIDForPN(`${phone}@s.whatsapp.net`);

const lookUp = (phone: string) => client.sock.profilePictureUrl(`${phone}@s.whatsapp.net`, 'image', 5_000);

describe('asking whether a number is on WhatsApp, we believe', () => {
  it('is answered with its jid', async () => {
    const answer = await client.sock.onWhatsApp('+5511987650001');

    expect(answer).toEqual([{ jid: '5511987650001@s.whatsapp.net', exists: true }]);
  });

  it('is answered "out" for a number that is not', async () => {
    server.setContact('5511987650002', { picture: 'not_on_whatsapp' });

    expect(await client.sock.onWhatsApp('5511987650002')).toEqual([]);
    expect(server.requests()).toMatchObject([{ kind: 'usync', session: ME, answer: 'out' }]);
  });

  it.each([
    ['Brazil without the ninth digit', '556299212484', '5562999212484'],
    ['Brazil with it', '5562999212485', '556299212485'],
    ['Mexico with a 1', '5215512345678', '525512345678'],
    ['Argentina with a 9', '5491123456789', '541123456789'],
  ])('is answered with the registered form: %s', async (_country, registered, asked) => {
    server.setContact(registered, { picture: 'set' });

    const answer = await client.sock.onWhatsApp(asked);

    expect(answer).toEqual([{ jid: `${registered}@s.whatsapp.net`, exists: true }]);
    await expect(lookUp(asked)).rejects.toMatchObject({ data: 404 });
    expect(await lookUp(registered)).toContain('/v/');
  });
});

describe('the LID of a number, we believe', () => {
  it('is told when asked for, as configured', async () => {
    server.setContact('5511987650003', { lid: '777000222000@lid' });

    expect(await lidOf('5511987650003')).toBe('777000222000@lid');
  });

  it('exists for everybody on WhatsApp, and leads to the same person', async () => {
    server.setContact('5511987650004', { picture: 'hidden' });

    const lid = await lidOf('5511987650004');

    expect(lid).toMatch(/^\d{15}@lid$/);
    expect(lid).toBe(server.lidOf('5511987650004'));
    await expect(client.sock.profilePictureUrl(lid ?? '', 'image', 5_000)).rejects.toMatchObject({
      data: 401,
    });
  });

  it('is not told to those who ask under a form that is not registered', async () => {
    server.setContact('556299212490', { picture: 'set' });

    expect(await lidOf('5562999212490')).toBeNull();
  });

  it('is not told of somebody who is not on WhatsApp', async () => {
    server.setContact('5511987650005', { picture: 'not_on_whatsapp' });

    expect(await lidOf('5511987650005')).toBeNull();
  });

  it('may not be told at all', async () => {
    server.setBehaviour({ usync: 'without_lid' });

    expect(await lidOf('5511987650006')).toBeNull();
  });
});

describe('a usync query that is never answered', () => {
  it('comes hidden inside a picture lookup, and the timeout of the lookup does not bound it', async () => {
    server.setBehaviour({ usync: 'silent' });

    await lookUp('5511987650007').catch(() => undefined);

    const asked = await eventually(() => server.requests().filter(({ kind }) => kind === 'usync'));
    expect(asked).toMatchObject([{ target: '5511987650007@s.whatsapp.net', answer: 'silence' }]);
  });
});
