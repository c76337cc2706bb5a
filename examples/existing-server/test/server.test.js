import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createFakeWhatsApp } from '../../../baileys-bridge/dist/fake-whatsapp/index.js';

const folder = fileURLToPath(new URL('..', import.meta.url));
const token = 'token-for-the-example';
const handedOn = [];
let fake, receiver, sessions, server, url;

/** Calls the probe until its answer is truthy. */
async function eventually(probe, deadline = Date.now() + 30_000) {
  for (;;) {
    const answer = await probe().catch(() => undefined);
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error('never came true');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const call = async (path, { method = 'GET', body, authorization = `Bearer ${token}` } = {}) => {
  const response = await fetch(url + path, {
    method,
    headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};

before(async () => {
  fake = await createFakeWhatsApp({});
  receiver = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      handedOn.push({ path: request.url, key: request.headers.authorization, body: JSON.parse(text) });
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"success":true,"status":"queued"}');
    });
  });
  await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  sessions = await mkdtemp(join(tmpdir(), 'existing-server-'));
  server = spawn(process.execPath, ['server.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      SESSIONS: sessions,
      PICTURES_TOKEN: token,
      RECEIVER_URL: `http://127.0.0.1:${receiver.address().port}`,
      RECEIVER_KEY: 'receiver-key',
      WHATSAPP_WEB_SOCKET_URL: fake.url,
      WHATSAPP_ROOT_PUBLIC_KEY: fake.rootPublicKey,
    },
  });
  const port = await new Promise((resolve, reject) => {
    server.stdout.on('data', (chunk) => {
      const found = /listens on (\d+)/.exec(String(chunk))?.[1];
      if (found) resolve(found);
    });
    server.on('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  url = `http://127.0.0.1:${port}`;
  await call('/instance/usuario_1', { method: 'POST' });
  const qr = await eventually(async () => (await call('/instance/usuario_1/qr')).body.qr);
  await fake.scan({ qr, jid: '5511900000001' });
  await eventually(async () => (await call('/whatsapp/instances')).body.instances[0].state === 'open');
});

after(async () => {
  server?.kill('SIGKILL');
  await fake?.close();
  receiver?.close();
  receiver?.closeAllConnections();
  if (sessions) await rm(sessions, { recursive: true, force: true });
});

test('the worker finds pictures through the old server, as through the bridge', async () => {
  fake.setContact('556299212484', { picture: 'set' });
  const { status, body } = await call('/whatsapp/instances/usuario_1/profile-picture?phone=5562999212484');

  assert.equal(status, 200);
  assert.equal(body.status, 'found');
  assert.equal(body.jid, '556299212484@s.whatsapp.net');
  assert.equal(body.queries, 2);
});

test('a hundred ids cost one query', async () => {
  const contacts = Array.from({ length: 100 }, (_, index) => ({ phone: String(14155600000 + index) }));
  const { status, body } = await call('/whatsapp/instances/usuario_1/picture-ids', { method: 'POST', body: { contacts } });

  assert.equal(status, 200);
  assert.equal(body.queries, 1);
  assert.equal(body.contacts.length, 100);
});

test('strangers, unknown instances and questions that make no sense are refused', async () => {
  const picture = '/whatsapp/instances/usuario_1/profile-picture?phone=5562999212484';
  assert.equal((await call(picture, { authorization: 'Bearer wrong-token' })).status, 401);
  assert.equal((await call('/whatsapp/instances/nobody/profile-picture?phone=5562999212484')).status, 404);
  assert.equal((await call('/whatsapp/instances/usuario_1/profile-picture?phone=abc')).status, 400);
  assert.equal((await call('/whatsapp/instances/a%20b/profile-picture?phone=5562999212484')).status, 400);
});

test('a hidden picture tells that no token was at hand', async () => {
  fake.setContact('5562999212490', { picture: 'hidden' });
  const { body } = await call('/whatsapp/instances/usuario_1/profile-picture?phone=5562999212490');

  assert.deepEqual([body.status, body.token], ['hidden', false]);
});

test('the old function and the old endpoints still work', async () => {
  fake.setContact('5562999212491', { picture: 'set' });
  assert.match((await call('/instance/usuario_1/picture/5562999212491')).body.url, /^http/);

  const lead = { phone: '5562999212491', lead_id: '7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10' };
  const one = await call('/instance/usuario_1/process-profile-pic', { method: 'POST', body: lead });
  assert.deepEqual([one.status, one.body.status], [202, 'queued']);
  await call('/instance/usuario_1/sync-profile-pics-bulk', { method: 'POST', body: { limit: 10 } });

  assert.deepEqual(handedOn, [
    { path: '/instance/usuario_1/process-profile-pic', key: 'Bearer receiver-key', body: lead },
    { path: '/instance/usuario_1/sync-profile-pics-bulk', key: 'Bearer receiver-key', body: { limit: 10 } },
  ]);
});
