import { z } from 'zod';
import { instanceStates } from '../instances/state.js';

// The JSON that the API answers, as served in the OpenAPI document.

export const instanceAnswer = z.object({
  id: z.string(),
  state: z.enum(instanceStates),
  reason: z.string().nullable(),
  since: z.iso.datetime(),
  jid: z.string().nullable().describe('the number itself, as WhatsApp knows it; null until it was paired'),
  lid: z.string().nullable(),
  local: z.boolean().describe('whether this process drives it; lookups work only there'),
});

export const instanceDetails = instanceAnswer.extend({
  lookup_queue_length: z.number().int().nullable(),
});

export const instanceList = z.object({ instances: z.array(instanceAnswer) });

export const qrAnswer = z.object({
  state: z.enum(instanceStates),
  qr: z.string().nullable().describe('the text of the QR code while the state is `qr`'),
});

export const pairingCodeAnswer = z.object({
  code: z.string().describe('to be entered on the phone: Linked devices → Link with phone number'),
});

export const pictureAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('found'),
    url: z.url(),
    picture_id: z.string().describe('changes whenever the picture does'),
    jid: z.string().describe('under which WhatsApp knows the contact'),
    expires_at: z.iso.datetime().nullable().describe('when the url stops working'),
  }),
  z.object({ status: z.literal('not_set'), jid: z.string() }),
  z.object({ status: z.literal('hidden'), jid: z.string() }),
  z.object({ status: z.literal('not_on_whatsapp') }),
]);

export const throttledAnswer = z.object({
  status: z.literal('throttled'),
  reason: z.enum(['whatsapp', 'queue_full']),
});

export const noAnswer = z.object({ status: z.literal('no_answer'), reason: z.string().optional() });

export const disconnectedAnswer = z.object({
  status: z.literal('disconnected'),
  state: z.enum([...instanceStates, 'stopping']),
});

export const badRequestAnswer = z.object({
  status: z.literal('bad_request'),
  errors: z.array(z.object({ field: z.string(), message: z.string() })),
});

export const statusAnswer = z.object({ status: z.string() });
