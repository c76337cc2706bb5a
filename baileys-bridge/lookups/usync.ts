import {
  type BinaryNode,
  S_WHATSAPP_NET,
  getBinaryNodeChild,
  getBinaryNodeChildren,
  isLidUser,
  isPnUser,
  jidNormalizedUser,
} from 'baileys';
import type { LookupSocket } from './socket.js';

export type UsyncProtocol = 'contact' | 'lid' | 'picture';

/** The person to ask about: a number in any written form (digits), or an address. */
export type UsyncTarget = { readonly phone: string } | { readonly jid: string };

/** WhatsApp's answer about one person; a field that it left out is `unknown` or null. */
export interface UsyncPerson {
  /** The number in the query, if the answer repeats it. */
  readonly asked: string | null;
  readonly pn: string | null;
  readonly lid: string | null;
  readonly contact: 'in' | 'out' | 'unknown';
  readonly picture: PictureState;
  /** Seconds to wait when WhatsApp refused to look this person up for now; 0 when it gave no time. */
  readonly throttledFor: number | null;
}

export type PictureState =
  { readonly kind: 'id'; readonly id: string } | { readonly kind: 'none' | 'refused' | 'unknown' };

export type UsyncAnswer =
  | { readonly kind: 'people'; readonly people: readonly UsyncPerson[] }
  | { readonly kind: 'throttled'; readonly backoffSeconds: number | undefined }
  /** WhatsApp stayed silent, or its answer cannot be read. */
  | { readonly kind: 'unclear' };

/**
 * Sends one `usync` query about any number of people. This code writes the query and reads the answer itself, because
 * Baileys' parser drops errors, backoffs and numbers beside a LID, and does not know pictures.
 *
 * @throws Boom whose `data` is WhatsApp's error code, or the error that ended the connection
 */
export async function usync(
  socket: LookupSocket,
  targets: readonly UsyncTarget[],
  protocols: readonly UsyncProtocol[],
  timeoutMs: number,
): Promise<UsyncAnswer> {
  const query: BinaryNode = {
    tag: 'iq',
    attrs: { to: S_WHATSAPP_NET, type: 'get', xmlns: 'usync' },
    content: [
      {
        tag: 'usync',
        attrs: {
          context: protocols.includes('picture') ? 'background' : 'interactive',
          mode: 'query',
          sid: socket.generateMessageTag(),
          last: 'true',
          index: '0',
        },
        content: [
          { tag: 'query', attrs: {}, content: protocols.map((tag) => ({ tag, attrs: {} })) },
          { tag: 'list', attrs: {}, content: targets.map(userNode) },
        ],
      },
    ],
  };
  return readUsync((await socket.query(query, timeoutMs)) as BinaryNode | undefined);
}

function userNode(target: UsyncTarget): BinaryNode {
  return 'jid' in target
    ? { tag: 'user', attrs: { jid: target.jid } }
    : { tag: 'user', attrs: {}, content: [{ tag: 'contact', attrs: {}, content: `+${target.phone}` }] };
}

/** Reads the raw stanza. */
export function readUsync(stanza: BinaryNode | undefined): UsyncAnswer {
  const answer = getBinaryNodeChild(stanza, 'usync');
  if (!answer) return { kind: 'unclear' };
  const refusal = getBinaryNodeChild(getBinaryNodeChild(answer, 'result'), 'contact');
  const error = getBinaryNodeChild(refusal, 'error');
  if (error) {
    return isThrottle(error) ? { kind: 'throttled', backoffSeconds: backoffOf(error) } : { kind: 'unclear' };
  }
  const list = getBinaryNodeChild(answer, 'list');
  return list
    ? { kind: 'people', people: getBinaryNodeChildren(list, 'user').map(readPerson) }
    : { kind: 'unclear' };
}

function readPerson(user: BinaryNode): UsyncPerson {
  const addresses = [user.attrs.jid, user.attrs.pn_jid, getBinaryNodeChild(user, 'lid')?.attrs.val]
    .filter((jid) => jid !== undefined)
    .map((jid) => jidNormalizedUser(jid));
  const contact = getBinaryNodeChild(user, 'contact');
  const error = getBinaryNodeChild(contact, 'error');
  const type = contact?.attrs.type;
  return {
    asked: digitsOf(contact?.content),
    pn: addresses.find((jid) => isPnUser(jid)) ?? null,
    lid: addresses.find((jid) => isLidUser(jid)) ?? null,
    contact: !error && (type === 'in' || type === 'out') ? type : 'unknown',
    picture: readPicture(getBinaryNodeChild(user, 'picture')),
    throttledFor: error && isThrottle(error) ? (backoffOf(error) ?? 0) : null,
  };
}

function readPicture(picture: BinaryNode | undefined): PictureState {
  if (!picture) return { kind: 'unknown' };
  const { id } = picture.attrs;
  if (id !== undefined && id !== '') return { kind: 'id', id };
  switch (getBinaryNodeChild(picture, 'error')?.attrs.code) {
    case '404':
      return { kind: 'none' };
    case '401':
    case '403':
      return { kind: 'refused' };
    default:
      return { kind: 'unknown' };
  }
}

const isThrottle = (error: BinaryNode) => error.attrs.code === '429' || error.attrs.code === '423';

function backoffOf(error: BinaryNode): number | undefined {
  const seconds = Number(error.attrs.backoff);
  return seconds > 0 ? Math.ceil(seconds) : undefined;
}

function digitsOf(content: BinaryNode['content']): string | null {
  if (typeof content !== 'string' && !(content instanceof Uint8Array)) return null;
  const digits = Buffer.from(content as Uint8Array)
    .toString('utf8')
    .replace(/\D/g, '');
  return digits === '' ? null : digits;
}
