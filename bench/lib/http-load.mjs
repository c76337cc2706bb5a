// A cheap load generator: raw keep-alive connections, and requests that were written before the measurement starts. So its
// share of the machine is small, and the same for all measured systems.
import { createConnection } from 'node:net';

const NOTHING = Buffer.alloc(0);

/** Returns a POST with a JSON body as bytes. */
export function post(path, body, headers = {}) {
  const text = Buffer.from(JSON.stringify(body));
  const fields = { host: '127.0.0.1', 'content-type': 'application/json', 'content-length': text.length, ...headers };
  return Buffer.concat([Buffer.from(head('POST', path, fields)), text]);
}

export const get = (path, headers = {}) => Buffer.from(head('GET', path, { host: '127.0.0.1', ...headers }));

const head = (method, path, fields) =>
  `${method} ${path} HTTP/1.1\r\n${Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;

/** Returns the status of a complete answer, and whether the server closes afterwards; undefined while the answer is incomplete. */
function read(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const fields = bytes.latin1Slice(0, end).toLowerCase();
  const length = /\r\ncontent-length: (\d+)/.exec(fields);
  const complete = length ? bytes.length >= end + 4 + Number(length[1]) : bytes.subarray(-5).latin1Slice() === '0\r\n\r\n';
  return complete ? { status: Number(fields.slice(9, 12)), closes: fields.includes('\r\nconnection: close') } : undefined;
}

/** Creates a connection that opens again whenever the server closes it. `send` calls back with the status, or 0 for a broken connection. */
function connect(port) {
  let socket;
  let received = NOTHING;
  let waiting;

  const finish = (status) => {
    const done = waiting;
    waiting = undefined;
    received = NOTHING;
    done?.(status);
  };
  const open = () => {
    const mine = createConnection({ port, host: '127.0.0.1', noDelay: true });
    socket = mine;
    mine.on('data', (bytes) => {
      received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
      const answer = read(received);
      if (!answer) return;
      if (answer.closes) {
        mine.removeAllListeners('close').destroy();
        open();
      }
      finish(answer.status);
    });
    mine.on('error', () => {});
    mine.on('close', () => {
      socket = undefined;
      if (waiting) finish(0);
    });
  };
  return {
    send(request, done) {
      waiting = done;
      if (!socket) open();
      socket.write(request);
    },
    close() {
      socket?.removeAllListeners('close').destroy();
    },
  };
}

const now = () => performance.now();

/**
 * Creates the result of a run of requests: `statuses` counts answers by status, latencies are milliseconds, `rejected` are the
 * requests without a 2xx answer.
 */
function tally(requests) {
  const statuses = {};
  const latencies = new Float64Array(requests.length);
  const rejected = [];
  return {
    statuses,
    latencies,
    rejected,
    answered(index, status, milliseconds) {
      statuses[status] = (statuses[status] ?? 0) + 1;
      latencies[index] = milliseconds;
      if (status < 200 || status > 299) rejected.push(requests[index]);
    },
  };
}

/**
 * Sends all requests over the given number of connections; each connection sends its next request as soon as it has the answer to the last.
 * @returns {Promise<{seconds: number, latencies: Float64Array, statuses: Record<number, number>, rejected: Buffer[]}>}
 */
export async function closedLoop({ port, connections, requests }) {
  const result = tally(requests);
  const lines = Array.from({ length: connections }, () => connect(port));
  const start = now();
  let next = 0;
  await Promise.all(lines.map((line) => new Promise((through) => {
    const step = () => {
      if (next === requests.length) return through();
      const index = next++;
      const sent = now();
      line.send(requests[index], (status) => {
        result.answered(index, status, now() - sent);
        step();
      });
    };
    step();
  })));
  const seconds = (now() - start) / 1000;
  lines.forEach((line) => line.close());
  return { ...result, seconds };
}

/**
 * Sends requests at a steady rate, independent of the answers. A request that finds no free connection waits, and its
 * latency counts from the time when it was due (no coordinated omission).
 * @param onDue called with the index of a request at the time from which its latency counts
 */
export function openLoop({ port, connections, requests, perSecond, onDue = () => {} }) {
  const result = tally(requests);
  const idle = Array.from({ length: connections }, () => connect(port));
  const lines = [...idle];
  const late = [];
  const start = now();
  let due = 0;
  let answered = 0;
  return new Promise((through) => {
    const send = (line, { index, at }) =>
      line.send(requests[index], (status) => {
        result.answered(index, status, now() - at);
        if (late.length > 0) send(line, late.shift());
        else idle.push(line);
        if (++answered === requests.length) {
          lines.forEach((one) => one.close());
          through({ ...result, seconds: (now() - start) / 1000 });
        }
      });
    const tick = () => {
      const owed = Math.min(requests.length, Math.floor(((now() - start) / 1000) * perSecond) + 1);
      for (; due < owed; due++) {
        const request = { index: due, at: now() };
        onDue(due, request.at);
        const line = idle.pop();
        if (line) send(line, request);
        else late.push(request);
      }
      if (due < requests.length) setTimeout(tick, 1);
    };
    tick();
  });
}

/**
 * Sends one request repeatedly over the given number of connections, each time as soon as the previous answer is there, until `stop` is
 * called or the seconds are over.
 * @returns {{stop: () => void, done: Promise<{answered_per_second: number, statuses: Record<number, number>}>}}
 */
export function hammer({ port, connections, request, seconds = Infinity }) {
  const start = now();
  const statuses = {};
  let stopped = false;
  const over = () => stopped || now() - start > seconds * 1000;
  const done = Promise.all(Array.from({ length: connections }, () => new Promise((through) => {
    const line = connect(port);
    const step = () => {
      if (over()) {
        line.close();
        through();
        return;
      }
      line.send(request, (status) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
        setImmediate(step);
      });
    };
    step();
  }))).then(() => ({ answered_per_second: Object.values(statuses).reduce((sum, n) => sum + n, 0) / ((now() - start) / 1000), statuses }));
  return { stop: () => (stopped = true), done };
}

const ROUNDS_OF_PATIENCE = 10;

/** Sends the requests, and sends rejected ones again, as a webhook's sender does after a 503, until all are accepted. */
export async function deliver({ port, connections, requests }) {
  let open = requests;
  for (let round = 0; open.length > 0; round++) {
    const run = await closedLoop({ port, connections, requests: open });
    if (round === ROUNDS_OF_PATIENCE) throw new Error(`requests are still rejected: ${JSON.stringify(run.statuses)}`);
    open = run.rejected;
  }
}
