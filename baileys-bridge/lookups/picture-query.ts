import { type BinaryNode, S_WHATSAPP_NET, areJidsSameUser, getBinaryNodeChild } from 'baileys';
import { commonGroup } from './common-groups.js';
import type { KnownContact } from './contacts.js';
import { imageTypeOf } from './image-type.js';
import type { PictureType } from './outcome.js';
import type { PrivacyToken } from './privacy-tokens.js';
import type { LookupSocket } from './socket.js';

export interface PictureQuestion {
  readonly target: string;
  readonly contact: KnownContact;
  readonly type: PictureType;
  /** The id of the picture that the caller has: for an unchanged picture WhatsApp then sends no link. */
  readonly knownId: string | undefined;
  readonly token: PrivacyToken | undefined;
}

export type PictureAnswer =
  | { readonly kind: 'link'; readonly url: string; readonly id: string }
  | { readonly kind: 'inline'; readonly bytes: Uint8Array; readonly contentType: string; readonly id: string }
  | { readonly kind: 'unchanged'; readonly id: string }
  | { readonly kind: 'not_set' }
  /** The answer says neither yes nor no. */
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'silence' };

/**
 * Asks for the picture like Baileys' `profilePictureUrl`, but keeps the picture's id, makes no other query, and
 * distinguishes silence from "no picture".
 *
 * @param timeoutMs the wait after which a missing answer counts as silence
 * @throws Boom whose `data` is WhatsApp's error code, or the error that ended the connection
 */
export async function queryPicture(
  socket: LookupSocket,
  question: PictureQuestion,
  timeoutMs: number,
): Promise<PictureAnswer> {
  const { target, contact, type, knownId, token } = question;
  const group = commonGroup(socket, contact);
  const attrs = {
    type,
    query: 'url',
    ...(knownId !== undefined && { id: knownId }),
    ...(group !== undefined && { common_gid: group }),
  };
  const content = token && [{ tag: 'tctoken', attrs: { t: token.timestamp }, content: token.token }];
  const query: BinaryNode = {
    tag: 'iq',
    attrs: { target, to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:profile:picture' },
    content: [{ tag: 'picture', attrs, ...(content && { content }) }],
  };
  try {
    return read((await socket.query(query, timeoutMs)) as BinaryNode | undefined, knownId);
  } catch (err) {
    if (isTimeout(err)) return { kind: 'silence' };
    throw err;
  }
}

function read(answer: BinaryNode | undefined, knownId: string | undefined): PictureAnswer {
  if (!answer) return { kind: 'silence' };
  const picture = getBinaryNodeChild(answer, 'picture');
  const { url, id = '', status } = picture?.attrs ?? {};
  if (url !== undefined) return { kind: 'link', url, id };
  if (picture?.content instanceof Uint8Array) return readInline(picture.content, id);
  // whatsmeow has seen this answer: a picture element without a url, whose status says that no picture is set.
  if (status === '204') return { kind: 'not_set' };
  // When the picture still has the id in the query, the answer is 304 or empty.
  const saysNothing = !picture || Object.keys(picture.attrs).length === 0;
  if (knownId !== undefined && (status === '304' || saysNothing)) return { kind: 'unchanged', id: knownId };
  return { kind: 'nothing', reason: 'answer_without_picture' };
}

function readInline(bytes: Uint8Array, id: string): PictureAnswer {
  const contentType = imageTypeOf(bytes);
  return contentType === undefined
    ? { kind: 'nothing', reason: 'answer_without_picture' }
    : { kind: 'inline', bytes, contentType, id };
}

function isTimeout(err: unknown): boolean {
  const { data, output } = (err ?? {}) as { data?: unknown; output?: { statusCode?: number } };
  return output?.statusCode === 408 && typeof data !== 'number';
}

/** Says whether the contact is the account itself. WhatsApp answers no query with a token about the own picture. */
export function isOwn(socket: LookupSocket, { jid, lid }: KnownContact): boolean {
  const { me } = socket.authState.creds;
  return [jid, lid].some((each) => each !== null && areJidsSameUser(each, each === lid ? me?.lid : me?.id));
}
