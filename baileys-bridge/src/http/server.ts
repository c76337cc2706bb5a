import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import { DeadlineError } from '../../lookups/clock.js';
import type { Logger } from '../logging/logger.js';
import type { BridgeApi } from './api.js';
import { requireToken } from './authentication.js';
import { contactRoutes } from './contacts.js';
import { instanceRoutes } from './instances.js';
import { operationRoutes } from './operation.js';
import { pictureRoutes } from './pictures.js';
import { qrRoutes } from './qr.js';
import { BadRequestError } from './validation.js';

const BODY_LIMIT = 16 * 1024;

/** High enough for a proper refusal of long ids: Fastify's default limit of 100 would report a URL that is too long. */
const LONGEST_PARAMETER = 8 * 1024;

export function createServer(api: BridgeApi, tokens: readonly string[], log: Logger): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    logger: false,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
  });
  app.setErrorHandler((err, request, reply) => {
    if (err instanceof BadRequestError)
      return reply.code(400).send({ status: 'bad_request', errors: err.errors });
    if (err instanceof DeadlineError) return reply.code(504).send({ status: 'no_answer' });
    const status = (err as FastifyError).statusCode ?? 500;
    if (status < 500) {
      return reply.code(status).send({
        status: 'bad_request',
        errors: [{ field: 'body', message: String((err as Error).message) }],
      });
    }
    log.error({ err, method: request.method, route: request.routeOptions.url }, 'a request failed');
    return reply.code(503).header('Retry-After', 5).send({ status: 'unavailable' });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ status: 'not_found' }));

  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  // Without this header, a connection that is answered while the server closes would stay open and delay the close.
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('Connection', 'close');
  });
  registerRoutes(app, api, tokens);
  return app;
}

/** Registers all routes. The operation routes are open; all other routes need a token. */
export function registerRoutes(app: FastifyInstance, api: BridgeApi, tokens: readonly string[]): void {
  operationRoutes(app, api);
  void app.register(async (secured) => {
    secured.addHook('onRequest', requireToken(tokens));
    instanceRoutes(secured, api);
    qrRoutes(secured, api);
    pictureRoutes(secured, api);
    contactRoutes(secured, api);
  });
}
