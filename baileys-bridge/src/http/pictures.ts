import type { FastifyInstance, FastifyReply } from 'fastify';
import {
  type HttpAnswer,
  badRequest,
  batchAnswer,
  lidAnswer,
  parseBatch,
  parseLid,
  parseQuestion,
  pictureAnswer,
  unknownInstance,
} from '../../lookups/contract.js';
import type { BridgeApi } from './api.js';
import { instanceParams, parse } from './validation.js';

export function pictureRoutes(app: FastifyInstance, api: BridgeApi): void {
  app.get('/instances/:id/profile-picture', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const question = parseQuestion(request.query as Record<string, unknown>);
    if ('field' in question) return send(reply, badRequest(question));
    const elsewhere = await answerOfOthers(api, id);
    return send(reply, elsewhere ?? pictureAnswer(await api.lookups.of(id).lookup(question)));
  });

  app.get('/instances/:id/lids/:lid', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const asked = parseLid((request.params as { lid: string }).lid);
    if ('field' in asked) return send(reply, badRequest(asked));
    const elsewhere = await answerOfOthers(api, id);
    return send(reply, elsewhere ?? lidAnswer(await api.lookups.of(id).whose(asked.lid)));
  });

  app.post('/instances/:id/picture-ids', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const items = parseBatch(request.body);
    if ('field' in items) return send(reply, badRequest(items));
    const elsewhere = await answerOfOthers(api, id);
    return send(reply, elsewhere ?? batchAnswer(items, await api.lookups.of(id).pictureIds(items)));
  });
}

/** Returns the answer for an instance that this process does not drive, and therefore cannot use for a lookup. */
async function answerOfOthers(api: BridgeApi, id: string): Promise<HttpAnswer | undefined> {
  if (api.supervisor.local(id)) return undefined;
  const elsewhere = await api.supervisor.find(id);
  return elsewhere
    ? pictureAnswer({ status: 'disconnected', state: elsewhere.state, queries: 0 })
    : unknownInstance;
}

function send(reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}
