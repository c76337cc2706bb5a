import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpAnswer } from './contract.js';
import type { PictureService } from './service.js';

// The parts of the types of Express and Fastify that the routers need, so that neither is a dependency.

const BODY_LIMIT = 16 * 1024;

interface ExpressRequest extends IncomingMessage {
  readonly path: string;
  readonly query: unknown;
  readonly body?: unknown;
}

/** Middleware for Express 4 and 5: `app.use('/whatsapp', expressRouter(service))`. Parses its JSON by itself. */
export function expressRouter(service: PictureService) {
  return (request: ExpressRequest, response: ServerResponse, next: (err?: unknown) => void): void => {
    service
      .handle({
        method: request.method ?? 'GET',
        path: request.path,
        query: request.query as Record<string, unknown>,
        authorization: request.headers.authorization,
        body: async () => request.body ?? readJson(request),
      })
      .then((answer) => (answer ? write(response, answer) : next()), next);
  };
}

interface FastifyRequest {
  readonly method: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly headers: { readonly authorization?: string | undefined };
}
interface FastifyReply {
  code(status: number): FastifyReply;
  headers(headers: Record<string, string>): FastifyReply;
  send(body: unknown): FastifyReply;
}
interface Fastify {
  route(options: {
    method: string;
    url: string;
    handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  }): unknown;
}

/** A plugin for Fastify 4 and 5: `app.register(fastifyRouter(service), { prefix: '/whatsapp' })`. */
export function fastifyRouter(service: PictureService) {
  return async (app: Fastify): Promise<void> => {
    const add = (method: string, url: string, pathOf: (id: string, lid: string) => string) =>
      app.route({
        method,
        url,
        async handler(request, reply) {
          const { id = '', lid = '' } = request.params as { id?: string; lid?: string };
          const answer = await service.handle({
            method,
            path: pathOf(encodeURIComponent(id), encodeURIComponent(lid)),
            query: request.query as Record<string, unknown>,
            authorization: request.headers.authorization,
            body: async () => request.body,
          });
          const { status, headers, body } = answer ?? {
            status: 404,
            headers: {},
            body: { status: 'not_found' },
          };
          return reply.code(status).headers(headers).send(body);
        },
      });
    add('GET', '/instances', () => '/instances');
    add('GET', '/instances/:id/profile-picture', (id) => `/instances/${id}/profile-picture`);
    add('GET', '/instances/:id/lids/:lid', (id, lid) => `/instances/${id}/lids/${lid}`);
    add('POST', '/instances/:id/picture-ids', (id) => `/instances/${id}/picture-ids`);
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_LIMIT) return undefined;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8', ...headers });
  response.end(JSON.stringify(body));
}
