import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { type ContactAddress, parseJid, parsePhone } from '../lookups/contact-address.js';
import { type LookupOutcome, pictureTypes } from '../lookups/outcome.js';
import type { BridgeApi } from './server.js';
import { BadRequestError, instanceParams, parse } from './validation.js';

export const pictureQuery = z
  .object({
    phone: z.string().optional(),
    jid: z.string().optional(),
    type: z.enum(pictureTypes).default('image'),
  })
  .refine((query) => (query.phone === undefined) !== (query.jid === undefined), {
    path: ['phone'],
    message: 'give either phone or jid',
  });

export function pictureRoutes(app: FastifyInstance, api: BridgeApi): void {
  app.get('/instances/:id/profile-picture', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const query = parse(pictureQuery, request.query);
    const address = addressOf(query);
    const instance = api.supervisor.local(id);
    if (instance) return answer(reply, await api.lookups.of(id).lookup(address, query.type));
    const elsewhere = await api.supervisor.find(id);
    if (!elsewhere) return reply.code(404).send({ status: 'unknown_instance' });
    // Another process drives this number; this one cannot ask for it.
    return answer(reply, { status: 'disconnected', state: elsewhere.state });
  });
}

function addressOf({ phone, jid }: z.output<typeof pictureQuery>): ContactAddress {
  if (jid !== undefined) return parseJid(jid) ?? refuse('jid', 'must be a person: …@s.whatsapp.net or …@lid');
  return (
    parsePhone(phone ?? '') ??
    refuse('phone', 'must be 8 to 15 digits with the country code, e.g. 5562999212484')
  );
}

function refuse(field: string, message: string): never {
  throw new BadRequestError([{ field, message }]);
}

function answer(reply: FastifyReply, outcome: LookupOutcome): FastifyReply {
  switch (outcome.status) {
    case 'found':
      return reply.code(200).send(outcome);
    case 'not_set':
    case 'hidden':
    case 'not_on_whatsapp':
      return reply.code(200).send(outcome);
    case 'bad_request':
      return reply.code(400).send({
        ...outcome,
        errors: [{ field: 'phone', message: 'WhatsApp refuses to look this contact up' }],
      });
    case 'throttled':
      return reply
        .code(429)
        .header('Retry-After', outcome.retryAfterSeconds)
        .send({ status: outcome.status, reason: outcome.reason });
    case 'no_answer':
      return reply.code(504).send(outcome);
    case 'disconnected':
      return reply.code(503).send(outcome);
  }
}
