import { z } from 'zod';
import { pairingBody, settingsBody } from './instances.js';
import * as answers from './answers.js';

type Json = Record<string, unknown>;

const pictureIdsBody = z.object({
  contacts: z
    .array(
      z.object({ phone: z.string().optional(), jid: z.string().optional(), known_id: z.string().optional() }),
    )
    .min(1)
    .max(100),
});

const json = (description: string, schema: z.ZodType): Json => ({
  description,
  content: { 'application/json': { schema: z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) } },
});

const text = (description: string, type: string): Json => ({
  description,
  content: { [type]: { schema: { type: 'string' } } },
});

const instance = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
const query = (name: string, description: string, schema: Json = { type: 'string' }): Json => ({
  name,
  in: 'query',
  description,
  schema,
});

const common = {
  400: json('the request cannot be understood', answers.badRequestAnswer),
  401: json('no token, or a wrong one', answers.statusAnswer),
  503: json('the database does not answer', answers.statusAnswer),
};
const notNow = z.union([answers.disconnectedAnswer, answers.statusAnswer]);
const unknown = { 404: json('no such instance', answers.statusAnswer) };

const operation = (summary: string, responses: Json, more: Json = {}): Json => ({
  summary,
  ...more,
  responses: { ...common, ...responses },
});

/** A route without a token, for probes and Prometheus. */
const open = (summary: string, responses: Json): Json => ({ summary, security: [], responses });

/** The API, described in OpenAPI 3.0. */
export const openApiDocument: Json = {
  openapi: '3.0.3',
  info: {
    title: 'baileys-bridge',
    version: '1',
    description: 'Many WhatsApp numbers, one question: whose face is this?',
  },
  security: [{ token: [] }],
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  paths: {
    '/instances': {
      get: operation('All numbers and their states', { 200: json('all numbers', answers.instanceList) }),
    },
    '/instances/{id}': {
      parameters: [instance],
      post: operation('Create a number and connect it; connect again when it had stopped', {
        200: json('it existed', answers.instanceAnswer),
        201: json('it is new', answers.instanceAnswer),
        409: json('it was removed meanwhile', answers.statusAnswer),
      }),
      get: operation('One number', { 200: json('the number', answers.instanceDetails), ...unknown }),
      patch: operation(
        'What the number may ask, and where it goes out',
        {
          200: json('the number', answers.instanceAnswer),
          409: json('another process drives it', answers.statusAnswer),
          ...unknown,
        },
        { requestBody: { required: true, ...json('', settingsBody) } },
      ),
      delete: operation('Log out and forget the number', {
        204: { description: 'gone' },
        409: json('another process drives it', answers.statusAnswer),
        ...unknown,
      }),
    },
    '/instances/{id}/qr': {
      parameters: [instance],
      get: operation(
        'The QR code as JSON, as PNG, or as a page that reloads itself until the phone has scanned',
        {
          200: {
            description: 'the code; JSON says null when there is none',
            content: {
              ...(json('', answers.qrAnswer).content as Json),
              'image/png': { schema: { type: 'string', format: 'binary' } },
              'text/html': { schema: { type: 'string' } },
            },
          },
          403: json('another site asks', answers.statusAnswer),
          409: json('there is no code to draw, as PNG', answers.statusAnswer),
          ...unknown,
        },
        {
          parameters: [
            query('format', 'instead of the Accept header', {
              type: 'string',
              enum: ['json', 'png', 'html'],
            }),
          ],
        },
      ),
    },
    '/instances/{id}/pairing-code': {
      parameters: [instance],
      post: operation(
        'A code to pair with instead of the QR code',
        {
          200: json('the code', answers.pairingCodeAnswer),
          409: json('the instance does not wait for pairing', answers.statusAnswer),
          504: json('WhatsApp did not answer', answers.noAnswer),
          ...unknown,
        },
        { requestBody: { required: true, ...json('', pairingBody) } },
      ),
    },
    '/instances/{id}/profile-picture': {
      parameters: [instance],
      get: operation(
        "What is this contact's picture?",
        {
          200: json('what WhatsApp says', answers.pictureAnswer),
          429: {
            ...json('WhatsApp says slow down, or too many wait already', answers.throttledAnswer),
            headers: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } },
          },
          503: json('the number is not connected, or the database does not answer', notNow),
          504: json('no answer, or one that says nothing: never the same as not_set', answers.noAnswer),
          ...unknown,
        },
        {
          parameters: [
            query('phone', 'digits with the country code; this or jid'),
            query('jid', '…@s.whatsapp.net or …@lid; this or phone'),
            query('known_id', 'the picture_id that the caller has; the same one is answered `unchanged`'),
            query('type', 'image is large, preview is small', {
              type: 'string',
              enum: ['image', 'preview'],
              default: 'image',
            }),
          ],
        },
      ),
    },
    '/instances/{id}/lids/{lid}': {
      parameters: [
        instance,
        {
          name: 'lid',
          in: 'path',
          required: true,
          description: 'digits, or …@lid',
          schema: { type: 'string' },
        },
      ],
      get: operation('Whose LID is it? By what messages and queries have shown; WhatsApp does not tell', {
        200: json('the number, or that it is not known yet', answers.lidAnswer),
        503: json('the number is not connected', answers.disconnectedAnswer),
        ...unknown,
      }),
    },
    '/instances/{id}/picture-ids': {
      parameters: [instance],
      post: operation(
        'Which pictures do these people have? Up to 100 with one query to WhatsApp',
        {
          200: json('each contact, in the order asked', answers.pictureIdsAnswer),
          429: {
            ...json('too soon after the last batch, or WhatsApp says slow down', answers.throttledAnswer),
            headers: { 'Retry-After': { description: 'seconds', schema: { type: 'integer' } } },
          },
          503: json('the number is not connected, or the database does not answer', notNow),
          504: json('no answer', answers.noAnswer),
          ...unknown,
        },
        { requestBody: { required: true, ...json('', pictureIdsBody) } },
      ),
    },
    '/contacts': {
      delete: operation(
        'Forget a person, in the numbers that are named or in all',
        { 204: { description: 'gone' } },
        {
          parameters: [
            query('phone', 'digits with the country code; this or jid'),
            query('jid', '…@s.whatsapp.net or …@lid; this or phone'),
            query('instance', 'a number that forgets them; may be given several times, none means all'),
          ],
        },
      ),
    },
    '/health': { get: open('Is the process alive?', { 200: json('yes', answers.statusAnswer) }) },
    '/ready': {
      get: open('Does the database answer?', {
        200: json('yes', answers.statusAnswer),
        503: json('no, or the bridge is stopping', answers.statusAnswer),
      }),
    },
    '/metrics': { get: open('For Prometheus', { 200: text('the metrics', 'text/plain') }) },
    '/openapi.json': { get: open('This document', { 200: { description: 'OpenAPI 3.0' } }) },
  },
};
