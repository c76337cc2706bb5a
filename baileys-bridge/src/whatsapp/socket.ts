import type { IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { SocksProxyAgent } from 'socks-proxy-agent';
import makeWASocket, {
  type AuthenticationState,
  type BinaryNode,
  type WASocket,
  DEFAULT_CONNECTION_CONFIG,
  WA_CERT_DETAILS,
  isJidBroadcast,
  isJidGroup,
  isJidNewsletter,
  proto,
} from 'baileys';
import type { Config } from '../config/config.js';
import type { Logger } from '../logging/logger.js';
import { socketCaches } from './caches.js';
import { quietLogger } from './quiet-logger.js';

export type { WASocket } from 'baileys';

/** Opens the WhatsApp connection of one instance. */
export type OpenSocket = (auth: AuthenticationState, proxyUrl: string | null) => WASocket;

/** Returns the version of WhatsApp Web that the client presents. */
export type CurrentVersion = () => [number, number, number] | undefined;

/** The timeout of Baileys' own queries (pings, keys); their timers outlive an ended socket by the same time. */
const QUERY_TIMEOUT_MS = 20_000;

/** The history types that carry LID mappings and privacy tokens; the messages in them are dropped. */
const WANTED_HISTORY = new Set<unknown>([
  proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
  proto.HistorySync.HistorySyncType.RECENT,
  proto.HistorySync.HistorySyncType.NON_BLOCKING_DATA,
]);

/** Creates the function that opens sockets: the only place that configures Baileys. */
export function socketOpener(
  config: Config['whatsapp'],
  log: Logger,
  currentVersion: CurrentVersion = () => config.version,
): OpenSocket {
  // Baileys checks the server's certificate against this exported object, which is the only way to change it.
  if (config.rootPublicKey) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(config.rootPublicKey);
  const logger = quietLogger(log);
  return (auth, proxyUrl) => {
    const version = currentVersion();
    const socket = makeWASocket({
      ...DEFAULT_CONNECTION_CONFIG,
      ...(config.webSocketUrl !== undefined && { waWebSocketUrl: config.webSocketUrl }),
      ...(version !== undefined && { version }),
      ...(proxyUrl !== null && { agent: proxyAgent(proxyUrl) }),
      ...socketCaches(),
      auth,
      logger,
      defaultQueryTimeoutMs: QUERY_TIMEOUT_MS,
      // The phone still gets its notifications.
      markOnlineOnConnect: false,
      syncFullHistory: false,
      shouldSyncHistoryMessage: ({ syncType }) => WANTED_HISTORY.has(syncType),
      shouldIgnoreJid: isNobody,
      enableRecentMessageCache: false,
    });
    acknowledgeIgnoredMessages(socket);
    return socket;
  };
}

/** Says whether this is a group, the status or a newsletter, whose messages are ignored. */
const isNobody = (jid: string): boolean =>
  Boolean(isJidGroup(jid) || isJidBroadcast(jid) || isJidNewsletter(jid));

function proxyAgent(url: string): Agent {
  // Node's agents for both protocols share their interface; Baileys' types name the https agent.
  return url.startsWith('socks') ? new SocksProxyAgent(url) : new HttpsProxyAgent(url);
}

/**
 * Acknowledges messages of ignored chats, as other clients do with messages that they do not read. Baileys itself would
 * refuse each message with error 500. Nothing is decrypted, no receipt is sent, and WhatsApp does not deliver the
 * message again.
 */
function acknowledgeIgnoredMessages(socket: WASocket): void {
  const handlers = socket.ws.listeners('CB:message') as ((node: BinaryNode) => unknown)[];
  const handle = (node: BinaryNode) => handlers.map((handler) => handler(node));
  socket.ws.removeAllListeners('CB:message');
  socket.ws.on('CB:message', (node: BinaryNode) => {
    const { from } = node.attrs;
    if (from === undefined || !isNobody(from)) return void handle(node);
    // If the connection is gone, WhatsApp delivers the message again.
    void socket.sendMessageAck(node).catch(() => undefined);
  });
}

/**
 * Ends the connection without logging out. Baileys alone would wait for the other side to close, up to 30 s if that
 * side is gone.
 */
export function endSocket(socket: WASocket): void {
  void socket.end(undefined);
  const raw = (socket.ws as unknown as { socket: { terminate(): void } | null }).socket;
  raw?.terminate();
}

/**
 * Calls `tell` when a proxy in between answers the WebSocket's upgrade with an HTTP status. Baileys' listener for that
 * event does nothing, but it keeps `ws` from failing the attempt, so the socket would never settle.
 */
export function onUpgradeRefused(socket: WASocket, tell: (statusCode: number | undefined) => void): void {
  socket.ws.on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
    response.resume();
    tell(response.statusCode);
  });
}
