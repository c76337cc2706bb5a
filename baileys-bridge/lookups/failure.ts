/** The reason why a query to WhatsApp failed. */
export type QueryFailure =
  'not_set' | 'hidden' | 'bad_request' | 'throttled' | { readonly noAnswer: string } | 'disconnected';

interface BoomLike {
  readonly data?: unknown;
  readonly output?: { readonly statusCode?: number };
}

/**
 * Classifies an error that Baileys throws. WhatsApp's own code is in `data` (while `output.statusCode` is always 500),
 * and 423 has the same meaning as 429. A connection that ended is a Boom 428, a bare number or any error of the socket.
 */
export function classifyFailure(thrown: unknown): QueryFailure {
  if (typeof thrown === 'number') return 'disconnected';
  const { data, output } = (thrown ?? {}) as BoomLike;
  switch (data) {
    case 404:
      return 'not_set';
    case 401:
    case 403:
      return 'hidden';
    case 400:
      return 'bad_request';
    case 423:
    case 429:
      return 'throttled';
    default:
  }
  if (typeof data === 'number') return { noAnswer: `whatsapp_${data}` };
  switch (output?.statusCode) {
    case 408:
      return { noAnswer: 'timed_out' };
    case 428:
      return 'disconnected';
    default:
  }
  return { noAnswer: 'unexpected_failure' };
}
