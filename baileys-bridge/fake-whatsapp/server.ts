import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { WebSocketServer } from 'ws';
import { type Account, Accounts } from './accounts.js';
import { errorAnswers } from './admin/errors.js';
import { adminRoutes } from './admin/routes.js';
import { answerStanzaOf } from './answers/index.js';
import type { FakeWhatsApp, FakeWhatsAppOptions } from './api.js';
import { DEFAULT_BEHAVIOUR } from './behaviour.js';
import { CdnLinks } from './cdn/links.js';
import { cdnRoutes } from './cdn/routes.js';
import type { ServerContext } from './context.js';
import { createControl } from './control.js';
import type { Contact } from './directory/contact.js';
import { ContactDirectory } from './directory/contacts.js';
import { Peers } from './phone/peers.js';
import { RequestLog } from './request-log.js';
import { loadServerKeys, newServerKeys, RecordFile } from './storage.js';
import { serverIdentity } from './wire/certificates.js';
import { welcome } from './wire/login.js';
import { ChatSession } from './wire/session.js';
import { SessionRegistry } from './wire/sessions.js';

/** Enough for a hundred thousand contacts in one body. */
const BODY_LIMIT = 64 * 1024 * 1024;

/** Starts a fake WhatsApp: chat server, CDN and admin API on one port. Resolves when it listens. */
export async function createFakeWhatsApp(options: FakeWhatsAppOptions = {}): Promise<FakeWhatsApp> {
  const host = options.host ?? '127.0.0.1';
  const app = Fastify({ bodyLimit: BODY_LIMIT, forceCloseConnections: true });
  let httpUrl = '';
  const context = createContext(options, () => options.publicUrl ?? httpUrl);
  const rootPublicKey = Buffer.from(context.keys.root.public).toString('base64');
  const peers = new Peers(context.accounts);
  const control = createControl(context, peers);

  errorAnswers(app);
  adminRoutes(app, control, rootPublicKey);
  const cdn = cdnRoutes(app, context);
  const chat = chatServer(app, context);
  await app.listen({ host, port: options.port ?? 0 });

  const { port } = app.server.address() as AddressInfo;
  // Clients cannot connect to the wildcard address.
  const authority = `${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  httpUrl = `http://${authority}`;
  return {
    ...control,
    url: `ws://${authority}/ws/chat`,
    httpUrl,
    rootPublicKey,
    async close() {
      cdn.close();
      context.sessions.all().forEach((session) => session.drop());
      chat.close();
      peers.close();
      await app.close();
    },
  };
}

function createContext(options: FakeWhatsAppOptions, publicUrl: () => string): ServerContext {
  const { stateDir } = options;
  const now = options.now ?? Date.now;
  const behaviour = { ...DEFAULT_BEHAVIOUR, ...options.behaviour };
  const keys = stateDir === undefined ? newServerKeys() : loadServerKeys(stateDir);
  const { accounts, directory } = stateDir === undefined ? forgetful() : remembering(stateDir);
  directory.defaultPicture = behaviour.default_picture;
  return {
    keys,
    accounts,
    directory,
    links: new CdnLinks(keys.linkSecret),
    log: new RequestLog(now),
    acknowledgements: [],
    sessions: new SessionRegistry(),
    behaviour,
    publicUrl,
    now,
  };
}

const forgetful = () => ({ accounts: new Accounts(), directory: new ContactDirectory() });

function remembering(stateDir: string) {
  const accountFile = new RecordFile<Account>(join(stateDir, 'accounts.jsonl'), (a) => a.deviceKey);
  const contactFile = new RecordFile<Contact>(join(stateDir, 'contacts.jsonl'), (c) => c.jid);
  const accounts = new Accounts((account) => accountFile.append([account]));
  const directory = new ContactDirectory((contacts) => contactFile.append(contacts));
  accountFile.load().forEach((account) => accounts.restore(account));
  contactFile.load().forEach((contact) => directory.restore(contact));
  return { accounts, directory };
}

/** Creates the WebSocket server. It shares the HTTP server's port and accepts upgrades only under its own path. */
function chatServer(app: FastifyInstance, context: ServerContext): WebSocketServer {
  const chat = new WebSocketServer({ noServer: true });
  const identity = serverIdentity(context.keys.root);
  app.server.on('upgrade', (request: IncomingMessage, socket, head) => {
    socket.on('error', () => socket.destroy()); // a client that disconnects during the upgrade
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/ws/chat') {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    chat.handleUpgrade(request, socket, head, (webSocket) => {
      const session = new ChatSession(
        webSocket,
        identity,
        {
          authenticated: (self, login) => welcome(context, self, login),
          stanza: (self, stanza) => answerStanzaOf(context, self, stanza),
          closed: (self) => context.sessions.delete(self),
        },
        context.now(),
      );
      context.sessions.add(session);
    });
  });
  return chat;
}
