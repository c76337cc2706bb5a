import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parseAddress } from '../../lookups/contract.js';
import type { BridgeApi } from './api.js';
import { instanceId } from '../instances/instance-id.js';
import { BadRequestError, parse } from './validation.js';

/** The instances that must forget the person. May be given several times; without it all instances forget. */
export const eraseQuery = z.object({
  instance: z.union([z.array(instanceId), instanceId.transform((id) => [id])]).default([]),
});

/** The route that forgets a person on request. */
export function contactRoutes(app: FastifyInstance, api: BridgeApi): void {
  app.delete('/contacts', async (request, reply) => {
    const { phone, jid } = request.query as Record<string, unknown>;
    const address = parseAddress(phone, jid);
    if ('field' in address) throw new BadRequestError([address]);
    await api.erase(address, parse(eraseQuery, request.query).instance);
    return reply.code(204).send();
  });
}
