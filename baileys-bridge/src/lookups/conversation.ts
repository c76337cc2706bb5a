import { type Clock, DeadlineError, withDeadline } from '../clock.js';
import type { WASocket } from '../whatsapp/socket.js';
import type { ContactAddress } from './contact-address.js';
import type { Contacts } from './contacts.js';
import { classifyFailure } from './failure.js';
import { expiryOf } from './link-expiry.js';
import type { LookupOutcome, PictureType } from './outcome.js';
import { queryPicture } from './picture-query.js';
import { type Resolution, resolve } from './resolve.js';

export interface ConversationPorts {
  readonly socket: WASocket;
  readonly contacts: Contacts;
  readonly deadlineMs: number;
}

/** What WhatsApp itself can answer; the pause after a 429 is the caller's affair. */
export type Answer =
  | Exclude<LookupOutcome, { status: 'throttled' } | { status: 'disconnected' }>
  | { readonly status: 'throttled' };

/** Resolves the contact and asks for the picture. Never throws; `closed` when the connection ended meanwhile. */
export async function converse(
  ports: ConversationPorts,
  address: ContactAddress,
  type: PictureType,
): Promise<Answer | 'closed'> {
  let resolution: Resolution;
  try {
    resolution = await resolve(ports.socket, ports.contacts, address);
  } catch (err) {
    // A code here speaks of the query for the contact, not of the picture.
    const failure = classifyFailure(err);
    if (failure === 'disconnected') return 'closed';
    return failure === 'throttled'
      ? { status: 'throttled' }
      : { status: 'no_answer', reason: 'contact_not_resolved' };
  }
  if (resolution.kind === 'unclear') return { status: 'no_answer', reason: 'contact_not_resolved' };
  if (resolution.kind === 'not_on_whatsapp') return { status: 'not_on_whatsapp' };
  const answer = await askForPicture(ports, resolution, type);
  // The number may have been given up, or moved to another form, since we remembered it.
  if (
    answer !== 'closed' &&
    answer.status === 'not_set' &&
    resolution.remembered &&
    address.kind === 'phone'
  ) {
    await ports.contacts.forget(address.phone).catch(() => undefined);
    return converse({ ...ports, contacts: withoutMemory(ports.contacts) }, address, type);
  }
  return answer;
}

async function askForPicture(
  { socket, deadlineMs }: ConversationPorts,
  { target, contact }: Extract<Resolution, { kind: 'known' }>,
  type: PictureType,
): Promise<Answer | 'closed'> {
  const { jid } = contact;
  try {
    const answer = await queryPicture(socket, target, contact, type, deadlineMs);
    switch (answer.kind) {
      case 'picture':
        return {
          status: 'found',
          url: answer.url,
          picture_id: answer.id,
          jid,
          expires_at: expiryOf(answer.url),
        };
      case 'not_set':
        return { status: 'not_set', jid };
      case 'nothing':
        return { status: 'no_answer', reason: answer.reason };
    }
  } catch (err) {
    const failure = classifyFailure(err);
    switch (failure) {
      case 'not_set':
      case 'hidden':
        return { status: failure, jid };
      case 'bad_request':
      case 'throttled':
        return { status: failure };
      case 'disconnected':
        return 'closed';
      default:
        return { status: 'no_answer', reason: failure.noAnswer };
    }
  }
}

const withoutMemory = (contacts: Contacts): Contacts => ({ ...contacts, recall: async () => undefined });

/**
 * Waits for the conversation, but no longer than the deadline and the connection last: Baileys leaves queries hanging
 * when a socket is ended on purpose, and does not bound the ones it makes by itself.
 */
export async function answerUnlessClosed(
  conversation: Promise<Answer | 'closed'>,
  closed: AbortSignal,
  clock: Clock,
  deadlineMs: number,
): Promise<Answer | 'closed'> {
  let onClosed = () => undefined as void;
  const whenClosed = new Promise<'closed'>((settle) => {
    onClosed = () => settle('closed');
    if (closed.aborted) onClosed();
    closed.addEventListener('abort', onClosed);
  });
  try {
    return await withDeadline(clock, deadlineMs, Promise.race([conversation, whenClosed]));
  } catch (err) {
    return { status: 'no_answer', reason: err instanceof DeadlineError ? 'deadline' : 'unexpected_failure' };
  } finally {
    closed.removeEventListener('abort', onClosed);
  }
}
