import { type BinaryNode, type WASocket, S_WHATSAPP_NET, areJidsSameUser, getBinaryNodeChild } from 'baileys';
import type { KnownContact } from './contacts.js';
import type { PictureType } from './outcome.js';

/** After four weeks WhatsApp no longer takes a privacy token. */
const TOKEN_LIFE_SECONDS = 28 * 24 * 60 * 60;

export type PictureAnswer =
  | { readonly kind: 'picture'; readonly url: string; readonly id: string }
  | { readonly kind: 'not_set' }
  /** Silence, or an answer that says neither yes nor no. */
  | { readonly kind: 'nothing'; readonly reason: string };

/**
 * Asks for the picture like Baileys' `profilePictureUrl`, but keeps the picture's id, makes no other query, and tells
 * silence from "no picture".
 *
 * @param timeoutMs when Baileys gives the query up; the caller has its own deadline
 * @throws Boom whose `data` is WhatsApp's error code, or whatever ended the connection
 */
export async function queryPicture(
  socket: WASocket,
  target: string,
  contact: KnownContact,
  type: PictureType,
  timeoutMs: number,
): Promise<PictureAnswer> {
  const token = await privacyToken(socket, contact);
  const answer = (await socket.query(
    {
      tag: 'iq',
      attrs: { target, to: S_WHATSAPP_NET, type: 'get', xmlns: 'w:profile:picture' },
      content: [{ tag: 'picture', attrs: { type, query: 'url' }, ...(token && { content: [token] }) }],
    },
    timeoutMs,
  )) as BinaryNode | undefined;
  if (!answer) return { kind: 'nothing', reason: 'timed_out' };
  const picture = getBinaryNodeChild(answer, 'picture');
  const { url, id, status } = picture?.attrs ?? {};
  if (url !== undefined) return { kind: 'picture', url, id: id ?? '' };
  // What whatsmeow has seen: a picture element without a url whose status says that none is set.
  if (status === '204') return { kind: 'not_set' };
  return { kind: 'nothing', reason: 'answer_without_picture' };
}

/** What proves to WhatsApp that this contact has written to us: with it, some hidden pictures are shown. */
async function privacyToken(socket: WASocket, contact: KnownContact): Promise<BinaryNode | undefined> {
  // WhatsApp never answers a question about the account's own picture that carries a token.
  if (isOwn(socket, contact)) return undefined;
  const holder = contact.lid ?? contact.jid;
  const stored = await Promise.resolve(socket.authState.keys.get('tctoken', [holder])).catch(() => undefined);
  const entry = stored?.[holder];
  if (!entry?.token.length || entry.timestamp === undefined) return undefined;
  const age = Date.now() / 1_000 - Number(entry.timestamp);
  if (!(age < TOKEN_LIFE_SECONDS)) return undefined;
  return { tag: 'tctoken', attrs: { t: entry.timestamp }, content: entry.token };
}

function isOwn(socket: WASocket, { jid, lid }: KnownContact): boolean {
  const { me } = socket.authState.creds;
  return [jid, lid].some((each) => each !== null && areJidsSameUser(each, each === lid ? me?.lid : me?.id));
}
