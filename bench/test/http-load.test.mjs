import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { closedLoop, deliver, get, openLoop, post } from '../lib/http-load.mjs';

/** Runs a server for as long as `use` takes. */
async function withServer(handler, use) {
  const server = createServer(handler);
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await use(server.address().port);
  } finally {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
}

const numbered = (count) => Array.from({ length: count }, (_, n) => get(`/${n}`));

test('every request is sent once, and its answer counted by status', async () => {
  const seen = [];

  const run = await withServer(
    (request, response) => {
      seen.push(request.url);
      response.writeHead(request.url === '/7' ? 503 : 202).end();
    },
    (port) => closedLoop({ port, connections: 4, requests: numbered(50) }),
  );

  assert.equal(new Set(seen).size, 50);
  assert.deepEqual(run.statuses, { 202: 49, 503: 1 });
  assert.equal(run.rejected.length, 1);
  assert.ok(run.latencies.every((milliseconds) => milliseconds > 0));
});

test('answers in chunks and in pieces are read to their end', async () => {
  const run = await withServer(
    (_request, response) => {
      response.write('a'.repeat(70_000));
      setImmediate(() => response.end('b'));
    },
    (port) => closedLoop({ port, connections: 2, requests: numbered(10) }),
  );

  assert.deepEqual(run.statuses, { 200: 10 });
});

test('a server that closes connections costs no request', async () => {
  const run = await withServer(
    (_request, response) => response.writeHead(202, { connection: 'close' }).end('{}'),
    (port) => closedLoop({ port, connections: 3, requests: numbered(20) }),
  );

  assert.deepEqual(run.statuses, { 202: 20 });
});

test('a body arrives whole with its headers', async () => {
  let received;

  await withServer(
    (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        received = { key: request.headers.authorization, body: JSON.parse(Buffer.concat(chunks)) };
        response.writeHead(202).end();
      });
    },
    (port) => closedLoop({ port, connections: 1, requests: [post('/x', { name: 'João' }, { authorization: 'Bearer k' })] }),
  );

  assert.deepEqual(received, { key: 'Bearer k', body: { name: 'João' } });
});

test('a steady rate does not wait for answers, and latency counts from when a request was due', async () => {
  const dueAt = [];
  let first;
  let releasedAt;
  const release = () => {
    if (!first || dueAt.length < 5) return;
    releasedAt ??= performance.now();
    first.end();
  };

  const run = await withServer(
    (_request, response) => {
      if (first) return response.end();
      // The only connection stays busy until all five requests are due.
      first = response;
      release();
    },
    (port) =>
      openLoop({
        port, connections: 1, requests: numbered(5), perSecond: 1000,
        onDue: (index, at) => {
          dueAt[index] = at;
          release();
        },
      }),
  );

  assert.deepEqual(run.statuses, { 200: 5 });
  assert.ok(run.latencies[1] >= releasedAt - dueAt[1]);
});

test('what is rejected is delivered again', async () => {
  const tries = new Map();

  await withServer(
    (request, response) => {
      tries.set(request.url, (tries.get(request.url) ?? 0) + 1);
      response.writeHead(tries.get(request.url) === 1 ? 503 : 202).end();
    },
    (port) => deliver({ port, connections: 2, requests: numbered(6) }),
  );

  assert.deepEqual([...tries.values()], [2, 2, 2, 2, 2, 2]);
});
