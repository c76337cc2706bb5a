import { z } from 'zod';
import { NOTIFIED_BY, OTHER_NOTIFICATIONS, type SessionClosing } from '../api.js';
import { UNKNOWN_DEVICES, USYNC_MODES } from '../behaviour.js';
import { CDN_BODIES, PICTURE_STATES, USYNC_ANSWERS } from '../directory/contact.js';

/** The bodies of the admin API. Unknown fields are refused, so that a misspelt field is never silently ignored. */

const times = z.number().int().min(1).max(1_000_000);
const code = z.string().regex(/^\d{3}$/, 'must be three digits');

const cdn = z.strictObject({
  status: z.number().int().min(400).max(599).optional(),
  redirect_to: z.string().min(1).optional(),
  delay_ms: z.number().int().min(0).max(600_000).optional(),
  hang: z.enum(['headers', 'body']).optional(),
  body: z.enum(CDN_BODIES).optional(),
  content_type: z.string().min(1).optional(),
  chunked: z.boolean().optional(),
  times: times.optional(),
});

export const contactSettings = z.strictObject({
  picture: z.enum(PICTURE_STATES).optional(),
  usync: z.enum(USYNC_ANSWERS).optional(),
  throttle_times: z.number().int().min(0).max(1_000_000).optional(),
  lid: z
    .string()
    .regex(/^\d{5,18}@lid$/, 'must look like 1234567890@lid')
    .optional(),
  link_ttl_seconds: z
    .number()
    .int()
    .min(-86_400)
    .max(30 * 86_400)
    .optional(),
  cdn: cdn.nullable().optional(),
});

export const contactList = z.strictObject({
  contacts: z
    .array(contactSettings.extend({ phone: z.string() }))
    .min(1)
    .max(100_000),
});

export const notification = z.strictObject({ from: z.enum(NOTIFIED_BY).default('pn') });

export const otherNotification = notification.extend({ kind: z.enum(OTHER_NOTIFICATIONS) });

export const privacyToken = z.strictObject({
  to_instance: z.string(),
  from: z.string(),
  sender_lid: z.string().optional(),
  age_days: z.number().int().min(0).max(365).default(0),
});

export const restriction = z.strictObject({ until: z.iso.datetime().nullable() });

export const imageQuery = z.strictObject({ type: z.enum(['image', 'preview']).default('image') });

export const scan = z.strictObject({ qr: z.string().min(1), jid: z.string(), lid: z.string().optional() });

export const pairingCode = z.strictObject({
  phone: z.string(),
  code: z.string().length(8),
  lid: z.string().optional(),
});

export const message = z.strictObject({
  to_instance: z.string(),
  from: z.string(),
  text: z.string().min(1).max(65_536),
  push_name: z.string().optional(),
  sender_lid: z.string().optional(),
  sender_pn: z.string().optional(),
  group: z.string().optional(),
});

export const requestsQuery = z.strictObject({
  since: z
    .union([
      z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
      z
        .string()
        .regex(/^\d{1,12}$/)
        .transform(Number),
    ])
    .optional(),
});

export const closing = z.strictObject({
  how: z.custom<SessionClosing>(
    (value) => typeof value === 'string' && /^(drop|freeze|replaced|logged_out|[45]\d\d)$/.test(value),
    'must be drop, freeze, replaced, logged_out or a code such as 515',
  ),
});

export const loginFailure = z.strictObject({
  failure: code.nullable(),
  times: times.optional(),
  expire_seconds: z.number().int().min(1).max(31_536_000).optional(),
});

export const behaviour = z
  .strictObject({
    usync: z.enum(USYNC_MODES),
    usync_backoff_seconds: z.number().int().min(0).max(86_400),
    default_picture: z.enum(['none', 'set']),
    unknown_devices: z.enum(UNKNOWN_DEVICES),
  })
  .partial();
