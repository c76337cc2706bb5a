import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface HttpProxy {
  readonly port: number;
  /** The header proxy-authorization of each tunnel, in order. */
  readonly authorizations: readonly string[];
  close(): Promise<void>;
}

/** Creates an HTTP proxy that opens tunnels (CONNECT) for everybody. */
export async function createHttpProxy(): Promise<HttpProxy> {
  const authorizations: string[] = [];
  const server = createServer();
  server.on('connect', (request, socket, head: Buffer) => {
    authorizations.push(String(request.headers['proxy-authorization']));
    const [host, port] = (request.url ?? '').split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    authorizations,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
