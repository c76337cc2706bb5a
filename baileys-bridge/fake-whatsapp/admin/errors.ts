import type { FastifyError, FastifyInstance } from 'fastify';
import { FakeWhatsAppError } from '../errors.js';

const STATUS = { invalid: 400, not_found: 404, conflict: 409 } as const;

/** Turns errors into JSON that names the wrong field. An unexpected error is a 500 without details. */
export function errorAnswers(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | FakeWhatsAppError, _request, reply) => {
    if (error instanceof FakeWhatsAppError) {
      const { reason, field, message } = error;
      return reply.code(STATUS[reason]).send({ error: reason, errors: [{ field, message }] });
    }
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) {
      const errors = [{ field: 'body', message: error.message }];
      return reply.code(status).send({ error: 'invalid', errors });
    }
    return reply.code(500).send({ error: 'internal', errors: [] });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'not_found', errors: [{ field: 'path', message: 'is unknown' }] }),
  );
}
