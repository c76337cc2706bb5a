import { type BinaryNode, getBinaryNodeChild } from 'baileys';
import type { Account } from '../accounts.js';
import { cdnContent } from '../cdn/bodies.js';
import type { PictureType } from '../cdn/links.js';
import type { ServerContext } from '../context.js';
import type { Contact } from '../directory/contact.js';
import { pictureId } from '../directory/picture-id.js';
import { bareJid } from '../directory/jids.js';
import { type Answer, error, firstChild, node, result, silence } from '../wire/nodes.js';

/** Answers `w:profile:picture` queries: a link to the target's photo, or why there is no link. */
export function answerPicture(context: ServerContext, asker: Account, query: BinaryNode): Answer {
  const wish = firstChild(query);
  const type: PictureType = wish?.attrs['type'] === 'image' ? 'image' : 'preview';
  const target = query.attrs['target'] ?? '';
  const hasToken = getBinaryNodeChild(wish, 'tctoken') !== undefined;
  const known = wish?.attrs['id'];
  const group = wish?.attrs['common_gid'];
  const answer = hasToken && isOwn(asker, target) ? silence : lookUp(context, target, type, known, hasToken);
  context.log.add({
    kind: 'picture',
    session: asker.user,
    target,
    type,
    ...(hasToken && { token: true }),
    ...(known !== undefined && { known_id: known }),
    ...(group !== undefined && { common_gid: group }),
    answer: describe(answer),
  });
  return answer;
}

function isOwn(asker: Account, target: string): boolean {
  const jid = bareJid(target);
  return jid === `${asker.user}@s.whatsapp.net` || jid === asker.lid;
}

function lookUp(
  context: ServerContext,
  target: string,
  type: PictureType,
  knownId: string | undefined,
  hasToken: boolean,
): Answer {
  const jid = bareJid(target);
  if (jid === undefined) {
    return error(400, 'bad-request');
  }
  const { kind, contact } = context.directory.resolve(jid);
  if (kind === 'not_canonical') {
    return error(404, 'item-not-found');
  }
  if (contact.throttleLeft > 0) {
    contact.throttleLeft -= 1;
    return error(429, 'rate-overlimit');
  }
  switch (contact.picture) {
    case 'set':
      return pictureOf(context, contact, type, knownId);
    case 'inline':
      return inlinePictureOf(contact, type);
    case 'guarded':
      return hasToken ? pictureOf(context, contact, type, knownId) : error(401, 'not-authorized');
    case 'silent_with_token':
      return hasToken ? silence : pictureOf(context, contact, type, knownId);
    case 'locked':
      return error(423, 'locked');
    case 'unavailable':
      return error(503, 'service-unavailable');
    case 'none':
    case 'not_on_whatsapp':
      return error(404, 'item-not-found');
    case 'hidden':
      return error(401, 'not-authorized');
    case 'throttled':
      return error(429, 'rate-overlimit');
    case 'bad_request':
      return error(400, 'bad-request');
    case 'server_error':
      return error(500, 'internal-server-error');
    case 'empty':
      return result();
    case 'no_content':
      return result(node('picture', { status: '204' }));
    case 'silent':
      return silence;
  }
}

function pictureOf(
  context: ServerContext,
  contact: Contact,
  type: PictureType,
  knownId: string | undefined,
): Answer {
  const id = pictureId(contact);
  if (knownId === id) {
    return result(node('picture', { status: '304' }));
  }
  const expiresAt = Math.floor(context.now() / 1000) + contact.linkTtlSeconds;
  const path = context.links.path({ jid: contact.jid, version: contact.version, type }, expiresAt);
  return result(node('picture', { id, type, url: context.publicUrl() + path, direct_path: path }));
}

/** Answers with the bytes themselves instead of a link, as small pictures were sent before the CDN. */
function inlinePictureOf(contact: Contact, type: PictureType): Answer {
  const { bytes } = cdnContent({ jid: contact.jid, version: contact.version, type }, 'jpeg');
  return result(node('picture', { id: pictureId(contact), type }, bytes));
}

function describe(answer: Answer): string {
  switch (answer.kind) {
    case 'silence':
      return 'silence';
    case 'error':
      return String(answer.code);
    case 'result': {
      const picture = answer.content?.[0];
      if (!picture) {
        return 'empty';
      }
      return picture.attrs['status'] ?? (picture.attrs['url'] === undefined ? 'inline' : 'url');
    }
  }
}
