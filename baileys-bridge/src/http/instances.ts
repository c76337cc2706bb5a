import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { parsePhone } from '../../lookups/contact-address.js';
import { withDeadline } from '../../lookups/clock.js';
import { profiles } from '../instances/allowance.js';
import { proxyUrl } from '../instances/proxy.js';
import type { InstanceView } from '../instances/supervisor.js';
import type { BridgeApi } from './api.js';
import { BadRequestError, instanceParams, parse } from './validation.js';

const PAIRING_CODE_MS = 10_000;

const figure = z.number().int().min(1).max(1_000_000).nullable().optional();

export const settingsBody = z.strictObject({
  profile: z.enum(profiles).optional(),
  per_minute: figure.describe("own figure instead of the profile's; null takes it back"),
  per_day: figure,
  proxy: proxyUrl.nullable().optional().describe('null goes out directly'),
});

export const pairingBody = z.object({ phone: z.string() });

export function instanceRoutes(app: FastifyInstance, api: BridgeApi): void {
  const { supervisor } = api;

  const view = ({ allowance, retryAt, ...rest }: InstanceView) => {
    const lookups = rest.local ? api.lookups.of(rest.id) : undefined;
    return {
      ...rest,
      retry_at: retryAt ?? null,
      profile: allowance.profile,
      restricted_until: lookups?.restrictedUntil() ?? null,
      budget: lookups?.budget() ?? null,
    };
  };

  app.post('/instances/:id', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const made = await supervisor.create(id);
    if (!made) return reply.code(409).send({ status: 'removed_meanwhile' });
    return reply.code(made.created ? 201 : 200).send(view(made.view));
  });

  app.get('/instances', async () => ({
    instances: (await supervisor.list()).map(view),
    longest_lookup_ms: api.lookups.longestLookupMs,
  }));

  app.get('/instances/:id', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const found = await supervisor.find(id);
    if (!found) return reply.code(404).send({ status: 'unknown_instance' });
    return { ...view(found), lookup_queue_length: found.local ? api.lookups.of(id).queueLength() : null };
  });

  app.patch('/instances/:id', async (request, reply) => {
    const { id } = parse(instanceParams, request.params);
    const { profile, per_minute: perMinute, per_day: perDay, proxy } = parse(settingsBody, request.body);
    if (!(await supervisor.allow(id, { profile, perMinute, perDay }))) {
      return reply.code(404).send({ status: 'unknown_instance' });
    }
    if (proxy !== undefined && !(await supervisor.useProxy(id, proxy))) {
      return reply.code(409).send({ status: 'driven_by_another_process' });
    }
    const found = await supervisor.find(id);
    return found ? view(found) : reply.code(404).send({ status: 'unknown_instance' });
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
