import { BATCH_LIMIT, type BatchQuestion } from './batch.js';
import { type ContactAddress, parseJid, parsePhone } from './contact-address.js';
import type { Question } from './conversation.js';
import {
  type BatchOutcome,
  type LidOutcome,
  type LookupOutcome,
  type PictureType,
  type Throttled,
  pictureTypes,
} from './outcome.js';

// The HTTP contract of lookups. It is the same in the bridge and in servers that mount the router.

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface Problem {
  readonly field: string;
  readonly message: string;
}

/** Answers a request that cannot be understood, or whose contact WhatsApp refuses. */
export const badRequest = (...errors: readonly Problem[]): HttpAnswer =>
  answer(400, { status: 'bad_request', errors });

const KNOWN_ID = /^\d{1,20}$/;
const INSTANCE_ID = /^[A-Za-z0-9_.-]{1,64}$/;

export const isInstanceId = (text: string): boolean => INSTANCE_ID.test(text);

/** Reads the query of `GET /instances/{id}/profile-picture`. */
export function parseQuestion(query: Readonly<Record<string, unknown>>): Question | Problem {
  const { phone, jid, type = 'image', known_id: knownId } = query;
  const address = parseAddress(phone, jid);
  if ('field' in address) return address;
  if (!pictureTypes.includes(type as PictureType))
    return { field: 'type', message: 'must be image or preview' };
  if (!isKnownId(knownId))
    return { field: 'known_id', message: 'must be the picture_id of an earlier answer' };
  return { address, type: type as PictureType, knownId };
}

export interface BatchItem extends BatchQuestion {
  /** The address as the caller wrote it. */
  readonly given: { readonly phone: string } | { readonly jid: string };
}

/** Reads the body of `POST /instances/{id}/picture-ids`. */
export function parseBatch(body: unknown): readonly BatchItem[] | Problem {
  const contacts: unknown = (body as { contacts?: unknown } | null | undefined)?.contacts;
  if (!Array.isArray(contacts) || contacts.length === 0 || contacts.length > BATCH_LIMIT) {
    return { field: 'contacts', message: `must be a list of 1 to ${BATCH_LIMIT} contacts` };
  }
  const items: BatchItem[] = [];
  for (const [index, each] of contacts.entries()) {
    const { phone, jid, known_id: knownId } = (each ?? {}) as Record<string, unknown>;
    const address = parseAddress(phone, jid);
    if ('field' in address) return { ...address, field: `contacts.${index}.${address.field}` };
    if (!isKnownId(knownId)) {
      return { field: `contacts.${index}.known_id`, message: 'must be the picture_id of an earlier answer' };
    }
    const given = typeof phone === 'string' ? { phone } : { jid: jid as string };
    items.push({ address, knownId, given });
  }
  return items;
}

/** Reads the address in `phone=` or `jid=`. */
export function parseAddress(phone: unknown, jid: unknown): ContactAddress | Problem {
  if ((phone === undefined) === (jid === undefined))
    return { field: 'phone', message: 'give either phone or jid' };
  if (jid !== undefined) {
    const address = typeof jid === 'string' ? parseJid(jid) : undefined;
    return address ?? { field: 'jid', message: 'must be a person: …@s.whatsapp.net or …@lid' };
  }
  const address = typeof phone === 'string' ? parsePhone(phone) : undefined;
  return (
    address ?? {
      field: 'phone',
      message: 'must be 8 to 15 digits with the country code, e.g. 5562999212484',
    }
  );
}

/** Reads the last part of `GET /instances/{id}/lids/{lid}`: digits, with or without `@lid`. */
export function parseLid(text: string): { readonly lid: string } | Problem {
  const address = parseJid(/^\d+$/.test(text) ? `${text}@lid` : text);
  return address?.kind === 'lid' ? address : { field: 'lid', message: 'must be a LID: digits, or …@lid' };
}

const isKnownId = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && KNOWN_ID.test(value));

export function pictureAnswer(outcome: LookupOutcome): HttpAnswer {
  switch (outcome.status) {
    case 'found':
    case 'unchanged':
    case 'not_set':
    case 'hidden':
    case 'not_on_whatsapp':
      return answer(200, outcome);
    case 'bad_request': {
      const errors = [{ field: 'phone', message: 'WhatsApp refuses to look this contact up' }];
      return answer(400, { ...outcome, errors });
    }
    case 'throttled':
      return throttled(outcome);
    case 'no_answer':
      return answer(504, outcome);
    case 'disconnected':
      return answer(503, outcome);
  }
}

export function batchAnswer(items: readonly BatchItem[], outcome: BatchOutcome): HttpAnswer {
  switch (outcome.status) {
    case 'answered': {
      const contacts = outcome.contacts.map((entry, index) => ({ asked: items[index]?.given, ...entry }));
      return answer(200, { contacts, queries: outcome.queries });
    }
    case 'throttled':
      return throttled(outcome);
    case 'no_answer':
      return answer(504, outcome);
    case 'disconnected':
      return answer(503, outcome);
  }
}

export const lidAnswer = (outcome: LidOutcome): HttpAnswer =>
  answer(outcome.status === 'disconnected' ? 503 : 200, outcome);

export const unknownInstance: HttpAnswer = answer(404, { status: 'unknown_instance' });

function throttled({ retryAfterSeconds, ...body }: Throttled & { readonly queries: number }): HttpAnswer {
  return { status: 429, headers: { 'Retry-After': String(retryAfterSeconds) }, body };
}

function answer(status: number, body: unknown): HttpAnswer {
  return { status, headers: {}, body };
}
