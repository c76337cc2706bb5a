import type { IncomingMessage } from 'node:http';
import makeWASocket, {
  type AuthenticationState,
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

/** Opens a connection to WhatsApp for one number; never asks anything of anyone else. */
export type OpenSocket = (auth: AuthenticationState) => WASocket;

/** How long Baileys' own queries (pings, keys) wait; also how long their timers outlive a socket that ended. */
const QUERY_TIMEOUT_MS = 20_000;

/** Which LID belongs to which phone arrives with these; the other chunks are people's messages. */
const WANTED_HISTORY = new Set<unknown>([
  proto.HistorySync.HistorySyncType.INITIAL_BOOTSTRAP,
  proto.HistorySync.HistorySyncType.NON_BLOCKING_DATA,
]);

/** The only place that knows how Baileys is configured. */
export function socketOpener(config: Config['whatsapp'], log: Logger): OpenSocket {
  // Baileys checks the server's certificate against this exported object, which is the only way to change it.
  if (config.rootPublicKey) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(config.rootPublicKey);
  const logger = quietLogger(log);
  return (auth) =>
    makeWASocket({
      ...DEFAULT_CONNECTION_CONFIG,
      ...(config.webSocketUrl !== undefined && { waWebSocketUrl: config.webSocketUrl }),
      ...(config.version !== undefined && { version: config.version }),
      ...socketCaches(),
      auth,
      logger,
      defaultQueryTimeoutMs: QUERY_TIMEOUT_MS,
      // The phone keeps its notifications.
      markOnlineOnConnect: false,
      syncFullHistory: false,
      shouldSyncHistoryMessage: ({ syncType }) => WANTED_HISTORY.has(syncType),
      shouldIgnoreJid: (jid) => Boolean(isJidGroup(jid) || isJidBroadcast(jid) || isJidNewsletter(jid)),
      enableRecentMessageCache: false,
    });
}

/**
 * Ends the connection without logging out. Baileys waits for the other side to close, up to 30 s when it is gone;
 * this does not.
 */
export function endSocket(socket: WASocket): void {
  void socket.end(undefined);
  const raw = (socket.ws as unknown as { socket: { terminate(): void } | null }).socket;
  raw?.terminate();
}

/**
 * Tells when something in between answers the WebSocket's upgrade with an HTTP status. Baileys listens to that event
 * and does nothing, which keeps `ws` from failing the attempt: the socket would hang for ever.
 */
export function onUpgradeRefused(socket: WASocket, tell: (statusCode: number | undefined) => void): void {
  socket.ws.on('unexpected-response', (_request: unknown, response: IncomingMessage) => {
    response.resume();
    tell(response.statusCode);
  });
}
