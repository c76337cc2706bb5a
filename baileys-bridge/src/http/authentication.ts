import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

const digest = (token: string) => createHash('sha256').update(token).digest();

/** Says whether people open this route in a browser, which cannot send a Bearer token but asks for a password. */
const isPage = (request: FastifyRequest) =>
  request.method === 'GET' && request.routeOptions.url === '/instances/:id/qr';

/**
 * Answers 401 unless the request carries one of the tokens: `Authorization: Bearer TOKEN`, or on the QR page
 * `Authorization: Basic` with the token as password. Basic is refused on all other routes, since browsers send it
 * automatically.
 */
export function requireToken(tokens: readonly string[]) {
  const known = tokens.map(digest);
  const isKnown = (token: string) => {
    const asked = digest(token);
    return known.map((each) => timingSafeEqual(each, asked)).includes(true);
  };
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const [scheme, value = ''] = (request.headers.authorization ?? '').split(' ', 2);
    const page = isPage(request);
    if (scheme?.toLowerCase() === 'bearer' && isKnown(value)) return;
    if (page && scheme?.toLowerCase() === 'basic' && isKnown(passwordOf(value))) return;
    reply.header('WWW-Authenticate', page ? 'Basic realm="baileys-bridge (password: a token)"' : 'Bearer');
    await reply.code(401).send({ status: 'unauthorized' });
  };
}

function passwordOf(basic: string): string {
  const credentials = Buffer.from(basic, 'base64').toString('utf8');
  return credentials.slice(credentials.indexOf(':') + 1);
}
