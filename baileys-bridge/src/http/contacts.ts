import type { FastifyInstance } from 'fastify';
import { parseAddress } from '../../lookups/contract.js';
import type { BridgeApi } from './server.js';
import { BadRequestError } from './validation.js';

/** Forgets a person: for those who ask to be forgotten. */
export function contactRoutes(app: FastifyInstance, api: BridgeApi): void {
  app.delete('/contacts', async (request, reply) => {
    const { phone, jid } = request.query as Record<string, unknown>;
    const address = parseAddress(phone, jid);
    if ('field' in address) throw new BadRequestError([address]);
    await api.erase(address);
    return reply.code(204).send();
  });
}
