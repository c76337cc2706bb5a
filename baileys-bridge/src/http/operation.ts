import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './openapi.js';
import type { BridgeApi } from './api.js';

/** The routes for probes and Prometheus. They need no token, so keep the port private. */
export function operationRoutes(app: FastifyInstance, api: BridgeApi): void {
  app.get('/health', async () => ({ status: 'ok' }));

  app.get('/ready', async (_request, reply) => {
    const ready = await api.ready();
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready' });
  });

  app.get('/openapi.json', async () => openApiDocument);

  app.get('/metrics', async (_request, reply) =>
    reply.type(api.metrics.contentType).send(await api.metrics.text()),
  );
}
