import { type BinaryNode, getBinaryNodeChild, getBinaryNodeChildren, S_WHATSAPP_NET } from 'baileys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import { type Client, connect, endAll, eventually, opened, pairedClient } from './client.js';

const ME = '5511900000061';
const MARIA = '5511988887777';
const MARIA_JID = `${MARIA}@s.whatsapp.net`;
const MARIA_LID = '888777666555@lid';

let server: FakeWhatsApp;
let client: Client;

beforeAll(async () => {
  server = await createFakeWhatsApp();
  server.setContact(MARIA, { lid: MARIA_LID });
  client = await pairedClient(server, ME);
});
afterAll(async () => {
  await endAll();
  await server.close();
});

const contactUpdates = (of: Client) => of.events.flatMap((map) => map['contacts.update'] ?? []);

const receivedMessages = (of: Client) => of.events.flatMap((map) => map['messages.upsert']?.messages ?? []);

/** Asks WhatsApp how many pre-keys of the client it has. */
async function preKeysLeft(): Promise<number> {
  const answer: unknown = await client.sock.query({
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'encrypt' },
    content: [{ tag: 'count', attrs: {} }],
  });
  return Number(getBinaryNodeChild(answer as BinaryNode, 'count')?.attrs['value']);
}

/** Resolves with the next event in the list. */
function next<T>(list: (of: Client) => T[], of: Client = client): Promise<T> {
  const seen = list(of).length;
  return eventually(() => list(of)[seen]);
}

describe('the notification of a photo, we believe', () => {
  it.each([
    ['pn', MARIA_JID],
    ['lid', MARIA_LID],
  ] as const)('that was set comes from the %s', async (from, id) => {
    const update = next(contactUpdates);

    const change = server.changePicture(MARIA, from);

    expect(change).toMatchObject({ jid: MARIA_JID, notified: 1 });
    expect(await update).toEqual({ id, imgUrl: 'changed' });
  });

  it.each([
    ['pn', MARIA_JID],
    ['lid', MARIA_LID],
  ] as const)('that was removed comes from the %s', async (from, id) => {
    const update = next(contactUpdates);

    server.removePicture(MARIA, from);

    expect(await update).toEqual({ id, imgUrl: 'removed' });
  });

  it('goes to every session that is logged in, and to none that is pairing', async () => {
    const other = await pairedClient(server, '5511900000062');
    const pairing = connect(server);
    await eventually(() => server.sessions().some(({ state }) => state === 'pairing'));
    const updates = [next(contactUpdates), next(contactUpdates, other)];

    expect(server.changePicture(MARIA).notified).toBe(2);

    await Promise.all(updates);
    await pairing.end();
    await other.end();
  });

  it('tells the new picture id and whose it is, but no link', async () => {
    const stanza = new Promise<BinaryNode>((resolve) => {
      client.sock.ws.once('CB:notification,type:picture', resolve);
    });

    const change = server.changePicture(MARIA);

    const [set] = getBinaryNodeChildren(await stanza, 'set');
    expect(set?.attrs).toEqual({ jid: MARIA_JID, author: MARIA_JID, id: change.picture_id });
  });

  it('goes along with what lookups answer from then on', async () => {
    server.changePicture(MARIA);
    expect(await client.sock.profilePictureUrl(MARIA_JID, 'image', 5_000)).toContain('/v/');

    server.removePicture(MARIA);
    const lookup = client.sock.profilePictureUrl(MARIA_JID, 'image', 5_000);
    await expect(lookup).rejects.toMatchObject({ data: 404 });
  });
});

describe('an encrypted message, we believe', () => {
  it('costs one pre-key per sender: later messages continue the session', async () => {
    const before = await preKeysLeft();
    for (const text of ['olá', 'tudo bem?']) {
      const received = next(receivedMessages);
      const sent = await server.sendMessage({ to_instance: ME, from: MARIA, text, push_name: 'Maria' });
      expect(await received).toMatchObject({
        key: { remoteJid: MARIA_JID, fromMe: false, id: sent.message_id },
        message: { conversation: text },
        pushName: 'Maria',
      });
    }
    expect(await preKeysLeft()).toBe(before - 1);
  });

  it('may tell the LID along with the number, which the client then knows', async () => {
    const received = next(receivedMessages);

    await server.sendMessage({ to_instance: ME, from: MARIA, text: 'oi', sender_lid: MARIA_LID });

    expect((await received).key).toMatchObject({ remoteJid: MARIA_JID, remoteJidAlt: MARIA_LID });
    const known = await client.sock.signalRepository.lidMapping.getPNForLID(MARIA_LID);
    expect(known).toBe(`${MARIA}:0@s.whatsapp.net`);
  });

  it('may come from a LID and tell the number', async () => {
    const received = next(receivedMessages);

    await server.sendMessage({
      to_instance: ME,
      from: '123123123123@lid',
      sender_pn: '5511977776666',
      text: 'oi',
    });

    expect(await received).toMatchObject({
      key: { remoteJid: '123123123123@lid', remoteJidAlt: '5511977776666@s.whatsapp.net' },
      message: { conversation: 'oi' },
    });
  });

  it('reaches all devices of a number', async () => {
    const tablet = await pairedClient(server, ME);
    const onTablet = next(receivedMessages, tablet);
    const onDesktop = next(receivedMessages);

    await server.sendMessage({ to_instance: ME, from: '5511955554444', text: 'para todos' });

    for (const message of [await onTablet, await onDesktop]) {
      expect(message.message?.conversation).toBe('para todos');
    }
    await tablet.end();
  });

  it('still arrives after the client has connected again', async () => {
    await client.end();
    client = await opened(connect(server, client.device));
    const received = next(receivedMessages);

    await server.sendMessage({ to_instance: ME, from: MARIA, text: 'de volta' });

    expect((await received).message?.conversation).toBe('de volta');
  });

  it('cannot be sent to a number that is not logged in', async () => {
    const sent = server.sendMessage({ to_instance: '5511900000069', from: MARIA, text: 'oi' });

    await expect(sent).rejects.toMatchObject({ reason: 'not_found', field: 'to_instance' });
  });
});
