import { type Server, connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface SocksServer {
  readonly port: number;
  /** The logins and their destinations, in order. */
  readonly tunnels: readonly { readonly user: string; readonly password: string; readonly to: string }[];
  close(): Promise<void>;
}

/** Creates a SOCKS5 server that requires a user and a password (RFC 1928, RFC 1929) and connects only to loopback. */
export async function createSocksServer(): Promise<SocksServer> {
  const tunnels: { user: string; password: string; to: string }[] = [];
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    const read = reader(socket);
    void (async () => {
      const [, methods = 0] = await read(2);
      await read(methods);
      socket.write(Buffer.from([5, 2]));
      const [, userLength = 0] = await read(2);
      const user = (await read(userLength)).toString();
      const [passwordLength = 0] = await read(1);
      const password = (await read(passwordLength)).toString();
      socket.write(Buffer.from([1, 0]));
      const [, , , kind] = await read(4);
      const host = kind === 1 ? (await read(4)).join('.') : (await read((await read(1))[0] ?? 0)).toString();
      const port = (await read(2)).readUInt16BE();
      tunnels.push({ user, password, to: `${host}:${port}` });
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
        upstream.write(read.rest());
        upstream.pipe(socket).pipe(upstream);
      });
      open.add(upstream);
      upstream.on('error', () => socket.destroy());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    tunnels,
    async close() {
      open.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Creates a reader of byte counts. `rest` ends it and gives the socket back with the bytes that were not read yet. */
function reader(socket: Socket) {
  let bytes = Buffer.alloc(0);
  let wake = () => undefined as void;
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    wake();
  };
  socket.on('data', onData);
  const read = async (count: number): Promise<Buffer> => {
    while (bytes.length < count) await new Promise<void>((resolve) => (wake = resolve));
    const taken = bytes.subarray(0, count);
    bytes = bytes.subarray(count);
    return taken;
  };
  return Object.assign(read, {
    rest() {
      socket.off('data', onData);
      return bytes;
    },
  });
}
