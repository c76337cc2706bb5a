import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeWhatsApp, type FakeWhatsApp } from '../index.js';
import {
  type Client,
  closeReason,
  connect,
  connectionUpdates,
  endAll,
  eventually,
  opened,
  pairedClient,
} from './client.js';

const ME = '5511900000081';

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

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(server.httpUrl + path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, body: (text ? JSON.parse(text) : {}) as Record<string, unknown> };
}

describe('the admin API', () => {
  it('says that it is healthy, and which root key clients have to trust', async () => {
    expect(await call('GET', '/health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const { body } = await call('GET', '/admin/root-key');
    expect(body).toEqual({ publicKey: server.rootPublicKey });
    expect(Buffer.from(server.rootPublicKey, 'base64')).toHaveLength(32);
  });

  it('scans a QR code', async () => {
    const pairing = connect(server);
    const qr = await eventually(() => connectionUpdates(pairing).find((update) => update.qr)?.qr);

    const { status, body } = await call('POST', '/admin/scan', { qr, jid: '5511900000082' });

    expect(status).toBe(200);
    expect(body).toMatchObject({ jid: '5511900000082:1@s.whatsapp.net' });
    expect(await closeReason(pairing)).toBe(515);
  });

  it('enters a pairing code', async () => {
    const pairing = connect(server);
    await eventually(() => connectionUpdates(pairing).find((update) => update.qr));
    const code = await pairing.sock.requestPairingCode('5511900000083');

    await eventually(async () => {
      const { status } = await call('POST', '/admin/pairing-code', { phone: '5511900000083', code });
      return status === 200;
    });

    expect(await closeReason(pairing)).toBe(515);
  });

  it('sets, shows, changes and removes a picture', async () => {
    const path = '/admin/contacts/5511987650010';

    const set = await call('PUT', path, { picture: 'set', link_ttl_seconds: 60 });
    const changed = await call('POST', `${path}/change`, { from: 'lid' });
    const shown = await call('GET', path);
    const removed = await call('POST', `${path}/remove`);

    expect(set.body).toMatchObject({
      lid: server.lidOf('5511987650010'),
      picture: 'set',
      version: 1,
      link_ttl_seconds: 60,
    });
    expect(changed.body).toMatchObject({ notified: 1, picture_id: shown.body['picture_id'] });
    expect(shown.body['picture_id']).not.toBe(set.body['picture_id']);
    expect(removed.body).toMatchObject({ picture_id: null });
    expect((await call('GET', path)).body).toMatchObject({ picture: 'none', picture_id: null });
  });

  it('shows the bytes that the CDN serves', async () => {
    await call('PUT', '/admin/contacts/5511987650011', { picture: 'set', cdn: { body: 'png' } });

    const response = await fetch(`${server.httpUrl}/admin/contacts/5511987650011/image?type=preview`);

    expect(response.headers.get('content-type')).toBe('image/png');
    const expected = server.image('5511987650011', 'preview')?.bytes;
    expect(Buffer.from(await response.arrayBuffer())).toEqual(expected);
    expect(await call('GET', '/admin/contacts/5511987650012/image')).toMatchObject({ status: 404 });
  });

  it('sends a message', async () => {
    const message = { to_instance: ME, from: '5511987650013', text: 'oi', push_name: 'Ana' };

    const { body } = await call('POST', '/admin/messages', message);

    const received = await eventually(() =>
      client.events.flatMap((map) => map['messages.upsert']?.messages ?? []).at(0),
    );
    expect(received).toMatchObject({ key: { id: body['message_id'] }, pushName: 'Ana' });
  });

  it('shows what was asked since a number or a time, and forgets it', async () => {
    for (const phone of ['5511987650014', '5511987650015']) {
      await client.sock.onWhatsApp(phone);
    }
    const all = (await call('GET', '/admin/requests')).body['requests'] as { seq: number; at: string }[];
    const [first, second] = all.slice(-2);

    const later = await call('GET', `/admin/requests?since=${first?.seq}`);
    const fromThen = await call('GET', `/admin/requests?since=${second?.at}`);
    const future = await call('GET', '/admin/requests?since=2999-01-01T00:00:00Z');

    expect(later.body['requests']).toEqual([second]);
    expect(fromThen.body['requests']).toContainEqual(second);
    expect(future.body['requests']).toEqual([]);
    expect((await call('DELETE', '/admin/requests')).status).toBe(204);
    expect((await call('GET', '/admin/requests')).body['requests']).toEqual([]);
  });

  it('shows sessions, ends them, and lets logins fail', async () => {
    const listed = await call('GET', '/admin/sessions');
    expect(listed.body['sessions']).toContainEqual(expect.objectContaining({ user: ME, state: 'open' }));

    await call('PUT', `/admin/logins/${ME}`, { failure: '503', times: 1 });
    const closed = await call('POST', `/admin/sessions/${ME}/close`, { how: '515' });

    expect(closed.body).toEqual({ closed: 1 });
    expect(await closeReason(client)).toBe(515);
    expect(await closeReason(connect(server, client.device))).toBe(503);
    client = await opened(connect(server, client.device));
  });

  it('switches behaviour, and leaves the other switches as they are', async () => {
    await call('PUT', '/admin/behaviour', { usync: 'without_lid' });
    const { body } = await call('PUT', '/admin/behaviour', { default_picture: 'set' });

    expect(body).toEqual({
      usync: 'without_lid',
      default_picture: 'set',
      unknown_devices: 'refuse',
      usync_backoff_seconds: 0,
    });
    expect((await call('GET', '/admin/behaviour')).body).toEqual(body);
    server.setBehaviour({ usync: 'with_lid', default_picture: 'none' });
  });

  it.each([
    ['PUT', '/admin/contacts/55119', { picture: 'sett' }, 'picture'],
    ['PUT', '/admin/contacts/55119', { pictures: 'set' }, 'pictures'],
    ['PUT', '/admin/contacts/55119', { cdn: { status: 200 } }, 'cdn.status'],
    ['PUT', '/admin/contacts/55119', { throttle_times: -1 }, 'throttle_times'],
    ['PUT', '/admin/contacts/55119', { lid: '55119' }, 'lid'],
    ['PUT', '/admin/contacts/maria', { picture: 'set' }, 'phone'],
    ['PUT', '/admin/contacts/55119', undefined, 'body'],
    ['PUT', '/admin/contacts', { contacts: [] }, 'contacts'],
    ['PUT', '/admin/contacts', { contacts: [{ phone: '55119' }, { phone: 'x' }] }, 'contacts.1.phone'],
    ['POST', '/admin/contacts/55119/change', { from: 'email' }, 'from'],
    ['GET', '/admin/contacts/55119/image?type=gif', undefined, 'type'],
    ['POST', '/admin/scan', { jid: '5511900000089' }, 'qr'],
    ['POST', '/admin/scan', { qr: 'a,b,c,d', jid: 'me' }, 'jid'],
    ['POST', '/admin/pairing-code', { phone: '5511900000089', code: '1' }, 'code'],
    ['POST', '/admin/messages', { to_instance: ME, from: '55119' }, 'text'],
    ['GET', '/admin/requests?since=yesterday', undefined, 'since'],
    ['POST', `/admin/sessions/${ME}/close`, { how: 'politely' }, 'how'],
    ['PUT', `/admin/logins/${ME}`, { failure: 'no' }, 'failure'],
    ['PUT', '/admin/behaviour', { usync: 'maybe' }, 'usync'],
  ])('%s %s with %j is refused and names %s', async (method, path, body, field) => {
    const answer = await call(method, path, body);

    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid', errors: [{ field }] } });
  });

  it.each([
    ['POST', '/admin/sessions/5511900000088/close', { how: 'drop' }, 'user'],
    ['POST', '/admin/scan', { qr: 'a,b,c,d', jid: ME }, 'qr'],
    ['GET', '/admin/nothing', undefined, 'path'],
  ])('%s %s with %j is answered 404', async (method, path, body, field) => {
    const answer = await call(method, path, body);

    expect(answer).toMatchObject({ status: 404, body: { error: 'not_found', errors: [{ field }] } });
  });

  it('refuses what is not JSON', async () => {
    const response = await fetch(`${server.httpUrl}/admin/scan`, {
      method: 'POST',
      body: '{',
      headers: { 'content-type': 'application/json' },
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid', errors: [{ field: 'body' }] });
  });
});
