import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ServerContext } from '../context.js';
import type { CdnBehaviour } from '../directory/contact.js';
import { type CdnContent, cdnContent } from './bodies.js';
import type { PictureRef } from './links.js';
import { Waits } from './waits.js';

interface Download {
  Params: { file: string };
  Querystring: { oe?: string; oh?: string };
}

/**
 * Adds the CDN, which serves photos under signed links that expire, and misbehaves as configured for each contact.
 *
 * A link still serves its photo when the contact has a newer photo. After the photo was removed, the link answers 404.
 *
 * @returns a function that ends all waiting answers
 */
export function cdnRoutes(app: FastifyInstance, context: ServerContext): { close: () => void } {
  const waits = new Waits();

  app.get<Download>('/v/t61.24694-24/:file', async ({ params, query }, reply) => {
    const verdict = context.links.check(params.file, query, Math.floor(context.now() / 1000));
    if (verdict.kind !== 'valid') {
      const status = verdict.kind === 'forbidden' ? 403 : 404;
      return refuse(status, params.file, 'unknown');
    }
    const { picture } = verdict;
    const { contact } = context.directory.resolve(picture.jid);
    const misbehaviour = takeMisbehaviour(contact.cdn);
    if (misbehaviour.delay_ms !== undefined) {
      await waits.pause(misbehaviour.delay_ms);
    }
    if (misbehaviour.hang === 'headers') {
      record(picture, 'hang');
      await waits.forever();
    }
    if (misbehaviour.redirect_to !== undefined) {
      record(picture, '302');
      return reply.code(302).header('location', misbehaviour.redirect_to).send();
    }
    if (misbehaviour.status !== undefined) {
      return refuse(misbehaviour.status, picture.jid, picture.type);
    }
    if (contact.picture === 'none' || contact.picture === 'not_on_whatsapp') {
      return refuse(404, picture.jid, picture.type);
    }
    record(picture, '200');
    const content = cdnContent(picture, misbehaviour.body ?? 'jpeg');
    return send(reply, content, misbehaviour, waits);

    function refuse(status: number, target: string, type: string) {
      context.log.add({ kind: 'cdn', session: null, target, type, answer: String(status) });
      return reply.code(status).type('text/plain').send('URL signature mismatch, expired or gone\n');
    }
  });

  const record = (picture: PictureRef, answer: string) =>
    context.log.add({ kind: 'cdn', session: null, target: picture.jid, type: picture.type, answer });

  return { close: () => waits.close() };
}

/** Returns the misbehaviour for this download, and counts down a limited number of misbehaving downloads. */
function takeMisbehaviour(cdn: CdnBehaviour): CdnBehaviour {
  if (cdn.times === undefined) {
    return cdn;
  }
  if (cdn.times <= 0) {
    return {};
  }
  cdn.times -= 1;
  return cdn;
}

function send(reply: FastifyReply, content: CdnContent, behaviour: CdnBehaviour, waits: Waits) {
  const { bytes } = content;
  void reply
    .type(behaviour.content_type ?? content.contentType)
    .header('cache-control', 'public, max-age=86400');
  if (behaviour.hang === 'body') {
    // Promises all the bytes, but sends only half of them.
    void reply.header('content-length', bytes.length);
    return reply.send(Readable.from(halfThenNothing(bytes, waits)));
  }
  return reply.send(behaviour.chunked === true ? Readable.from([bytes]) : bytes);
}

async function* halfThenNothing(bytes: Buffer, waits: Waits): AsyncGenerator<Buffer> {
  yield bytes.subarray(0, Math.ceil(bytes.length / 2));
  await waits.forever();
}
