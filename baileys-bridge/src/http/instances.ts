import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parsePhone } from '../lookups/contact-address.js';
import { withDeadline } from '../clock.js';
import type { BridgeApi } from './server.js';
import { BadRequestError, instanceParams, parse } from './validation.js';

const PAIRING_CODE_MS = 10_000;

export const pairingBody = z.object({ phone: z.string() });

export function instanceRoutes(app: FastifyInstance, api: BridgeApi): void {
  const { supervisor } = api;

  app.post('/instances/:id', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const { created, view } = await supervisor.create(id);
    return reply.code(created ? 201 : 200).send(view);
  });

  app.get('/instances', async () => ({ instances: await supervisor.list() }));

  app.get('/instances/:id', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const view = await supervisor.find(id);
    if (!view) return reply.code(404).send({ status: 'unknown_instance' });
    return { ...view, lookup_queue_length: view.local ? api.lookups.of(id).queueLength() : null };
  });

  app.delete('/instances/:id', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    switch (await supervisor.remove(id)) {
      case 'removed':
        return reply.code(204).send();
      case 'unknown':
        return reply.code(404).send({ status: 'unknown_instance' });
      case 'elsewhere':
        return reply.code(409).send({ status: 'driven_by_another_process' });
    }
  });

  app.post('/instances/:id/pairing-code', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const { phone } = parse(pairingBody, request.body);
    const address = parsePhone(phone);
    if (address?.kind !== 'phone')
      throw new BadRequestError([{ field: 'phone', message: 'must be 8 to 15 digits' }]);
    const instance = supervisor.local(id);
    if (!instance) return reply.code(404).send({ status: 'unknown_instance' });
    const socket = instance.pairingSocket();
    if (!socket)
      return reply.code(409).send({ status: 'not_waiting_for_pairing', state: instance.status().state });
    const code = await withDeadline(api.clock, PAIRING_CODE_MS, socket.requestPairingCode(address.phone));
    return { code };
  });
}
