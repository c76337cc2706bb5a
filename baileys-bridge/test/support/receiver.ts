import { createHmac } from 'node:crypto';
import { type IncomingHttpHeaders, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: { event: string; instance_id: string; timestamp: string; data: Record<string, unknown>[] };
}

/** A receiver that records all events; it can answer with any status, go away and come back. */
export interface TestReceiver {
  readonly url: string;
  readonly secret: Buffer;
  readonly received: ReceivedEvent[];
  /** Returns the answer to an event; 202 by default. */
  answer: (event: ReceivedEvent) => { status: number; headers?: Record<string, string> } | 'never';
  /** Stops listening. */
  goAway(): Promise<void>;
  /** Listens again, on the same port. */
  comeBack(): Promise<void>;
  isSigned(event: ReceivedEvent): boolean;
}

export async function createReceiver(): Promise<TestReceiver> {
  const secret = Buffer.alloc(32, 5);
  const received: ReceivedEvent[] = [];
  let server: Server | undefined;
  let port = 0;

  const listen = async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const event = {
          path: request.url ?? '',
          headers: request.headers,
          text,
          body: JSON.parse(text) as ReceivedEvent['body'],
        };
        const answer = receiver.answer(event);
        if (answer === 'never') return;
        const { status, headers = {} } = answer;
        if (status < 300) received.push(event);
        response.writeHead(status, headers).end();
      });
    });
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  };

  const receiver: TestReceiver = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    secret,
    received,
    answer: () => ({ status: 202 }),
    async goAway() {
      const leaving = server;
      leaving?.closeAllConnections();
      await new Promise((resolve) => (leaving ? leaving.close(resolve) : resolve(undefined)));
      server = undefined;
    },
    comeBack: listen,
    isSigned({ headers, text }) {
      const content = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`;
      const expected = createHmac('sha256', secret).update(content).digest('base64');
      return headers['webhook-signature'] === `v1,${expected}`;
    },
  };
  await listen();
  return receiver;
}
