import { z } from 'zod';
import { profiles } from '../instances/allowance.js';
import { instanceStates } from '../instances/state.js';

// The JSON of the API's responses, as published in the OpenAPI document.

export const instanceAnswer = z.object({
  id: z.string(),
  state: z.enum(instanceStates),
  reason: z.string().nullable(),
  since: z.iso.datetime(),
  jid: z.string().nullable().describe('the number itself, as WhatsApp knows it; null until it was paired'),
  lid: z.string().nullable(),
  local: z.boolean().describe('whether this process drives it; lookups work only there'),
  retry_at: z.iso.datetime().nullable().describe('when it connects by itself again, after a ban that ends'),
  profile: z.enum(profiles),
  restricted_until: z.iso.datetime().nullable().describe('until when WhatsApp keeps it from starting chats'),
  budget: z
    .object({
      limit_per_minute: z.number(),
      per_minute: z.number().describe('what is left of the limit after WhatsApp said slow down'),
      per_day: z.number().nullable(),
      used_today: z.number().int(),
      resting_until: z.iso.datetime().nullable(),
    })
    .nullable()
    .describe('queries to WhatsApp; null until the first one'),
});

export const instanceDetails = instanceAnswer.extend({
  lookup_queue_length: z.number().int().nullable(),
});

export const instanceList = z.object({
  instances: z.array(instanceAnswer),
  longest_lookup_ms: z
    .number()
    .int()
    .describe(
      'how long a lookup takes at the most, its wait for a turn included: a caller must wait for longer',
    ),
});

export const qrAnswer = z.object({
  state: z.enum(instanceStates),
  qr: z.string().nullable().describe('the text of the QR code while the state is `qr`'),
});

export const pairingCodeAnswer = z.object({
  code: z.string().describe('to be entered on the phone: Linked devices → Link with phone number'),
});

const queries = z.number().int().describe('how many queries to WhatsApp it cost');

export const pictureIdsAnswer = z.object({
  contacts: z.array(
    z.object({
      asked: z.union([z.object({ phone: z.string() }), z.object({ jid: z.string() })]),
      jid: z.string().nullable(),
      lid: z.string().nullable(),
      exists: z.enum(['yes', 'no', 'unknown']),
      picture: z.enum(['id', 'unchanged', 'none', 'refused', 'unknown']),
      picture_id: z.string().nullable(),
    }),
  ),
  queries,
});

const knownAs = {
  jid: z.string().describe('under which WhatsApp knows the contact'),
  lid: z.string().nullable().describe('the LID that stands for the number, where WhatsApp named one'),
};

export const lidAnswer = z.object({
  status: z.enum(['known', 'unknown']),
  lid: z.string(),
  jid: z.string().nullable().describe('by number; null where nothing has shown it yet'),
  queries,
});

export const pictureAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('found'),
    url: z.url().nullable().describe('null where WhatsApp sent the picture itself'),
    image: z.object({ content_type: z.string(), base64: z.string() }).optional(),
    picture_id: z.string().describe('changes whenever the picture does'),
    ...knownAs,
    expires_at: z.iso.datetime().nullable().describe('when the url stops working'),
    queries,
  }),
  z
    .object({ status: z.literal('unchanged'), picture_id: z.string(), ...knownAs, queries })
    .describe('the picture is still the one named by known_id'),
  z.object({ status: z.literal('not_set'), ...knownAs, queries }),
  z.object({
    status: z.literal('hidden'),
    ...knownAs,
    token: z
      .boolean()
      .describe('whether a privacy token could be shown; without one it may not be hidden at all'),
    queries,
  }),
  z.object({ status: z.literal('not_on_whatsapp'), queries }),
]);

export const throttledAnswer = z.object({
  status: z.literal('throttled'),
  by: z.enum(['whatsapp', 'bridge']),
  reason: z.enum(['whatsapp', 'ceiling', 'day', 'busy', 'spacing', 'restricted']),
  queries,
});

export const noAnswer = z.object({
  status: z.literal('no_answer'),
  reason: z.string().optional(),
  queries: queries.optional(),
});

export const disconnectedAnswer = z.object({
  status: z.literal('disconnected'),
  state: z.enum([...instanceStates, 'stopping']),
  queries: queries.optional(),
});

export const badRequestAnswer = z.object({
  status: z.literal('bad_request'),
  errors: z.array(z.object({ field: z.string(), message: z.string() })),
});

export const statusAnswer = z.object({ status: z.string() });
