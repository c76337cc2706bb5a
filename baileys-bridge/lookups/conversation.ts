import { type Clock, DeadlineError, withDeadline } from './clock.js';
import type { ContactAddress } from './contact-address.js';
import type { Contacts, KnownContact } from './contacts.js';
import { classifyFailure } from './failure.js';
import { expiryOf } from './link-expiry.js';
import type { ContactAnswer, NoAnswer, PictureType } from './outcome.js';
import { type PictureAnswer, isOwn, queryPicture } from './picture-query.js';
import { type PrivacyToken, privacyTokenOf } from './privacy-tokens.js';
import { type Resolution, askWhatsApp, resolve } from './resolve.js';
import type { LookupSocket, QueryKind } from './socket.js';

export interface ConversationPorts {
  readonly socket: LookupSocket;
  readonly contacts: Contacts;
  readonly deadlineMs: number;
  readonly clock: Clock;
  /** Called before each query to WhatsApp leaves. */
  readonly onQuery: (kind: QueryKind) => void;
}

export interface Question {
  readonly address: ContactAddress;
  readonly type: PictureType;
  readonly knownId: string | undefined;
}

/** The answers that WhatsApp itself can give. The caller handles the pause after a 429. */
export type Answer =
  ContactAnswer | NoAnswer | { readonly status: 'throttled'; readonly backoffSeconds: number | undefined };

type Known = Extract<Resolution, { kind: 'known' }>;

/** Resolves the contact and asks for the picture. Never throws. @returns `closed` if the connection ended meanwhile */
export async function converse(ports: ConversationPorts, question: Question): Promise<Answer | 'closed'> {
  const { address } = question;
  const resolution = await resolved(() => resolve(ports, address));
  if ('answer' in resolution) return resolution.answer;
  const answer = await askForPicture(ports, resolution, question);
  // The remembered number may have been given up since, or moved to another form.
  const doubtful = answer !== 'closed' && answer.status === 'not_set' && resolution.remembered;
  if (!doubtful || address.kind !== 'phone') return answer;
  await ports.contacts.forget(address.phone).catch(() => undefined);
  const again = await resolved(() => askWhatsApp(ports, address.phone));
  if ('answer' in again) return again.answer;
  return again.target === resolution.target ? answer : askForPicture(ports, again, question);
}

/** Returns the person to ask for, or the final answer when there is no such person. */
async function resolved(
  resolving: () => Promise<Resolution>,
): Promise<Known | { answer: Answer | 'closed' }> {
  const unresolved: Answer = { status: 'no_answer', reason: 'contact_not_resolved' };
  try {
    const resolution = await resolving();
    switch (resolution.kind) {
      case 'known':
        return resolution;
      case 'not_on_whatsapp':
        return { answer: { status: 'not_on_whatsapp' } };
      case 'throttled':
        return { answer: { status: 'throttled', backoffSeconds: resolution.backoffSeconds } };
      case 'unclear':
        return { answer: unresolved };
    }
  } catch (err) {
    // A code here concerns the query for the contact, not the picture.
    const failure = classifyFailure(err);
    if (failure === 'disconnected') return { answer: 'closed' };
    return {
      answer: failure === 'throttled' ? { status: 'throttled', backoffSeconds: undefined } : unresolved,
    };
  }
}

async function askForPicture(
  ports: ConversationPorts,
  { target, contact }: Known,
  { type, knownId }: Question,
): Promise<Answer | 'closed'> {
  const { socket, clock, deadlineMs } = ports;
  const tokenAtHand = isOwn(socket, contact)
    ? undefined
    : await privacyTokenOf(socket.authState.keys, [contact.lid, contact.jid], clock.now());
  const ask = (token: PrivacyToken | undefined, timeoutMs: number) => {
    ports.onQuery('picture');
    return queryPicture(socket, { target, contact, type, knownId, token }, timeoutMs);
  };
  let token = tokenAtHand;
  try {
    // WhatsApp leaves some queries with a token unanswered. The second half of the time is for a query without it.
    let answer = await ask(token, token ? deadlineMs / 2 : deadlineMs);
    if (answer.kind === 'silence' && token) {
      token = undefined;
      answer = await ask(undefined, deadlineMs / 2);
    }
    return toAnswer(answer, contact);
  } catch (err) {
    const failure = classifyFailure(err);
    switch (failure) {
      case 'not_set':
        return { status: 'not_set', ...contact };
      case 'hidden':
        return { status: 'hidden', ...contact, token: token !== undefined };
      case 'bad_request':
        return { status: 'bad_request' };
      case 'throttled':
        return { status: 'throttled', backoffSeconds: undefined };
      case 'disconnected':
        return 'closed';
      default:
        return { status: 'no_answer', reason: failure.noAnswer };
    }
  }
}

function toAnswer(answer: PictureAnswer, contact: KnownContact): Answer {
  switch (answer.kind) {
    case 'link':
      return {
        status: 'found',
        url: answer.url,
        picture_id: answer.id,
        ...contact,
        expires_at: expiryOf(answer.url),
      };
    case 'inline': {
      const base64 = Buffer.from(answer.bytes).toString('base64');
      const image = { content_type: answer.contentType, base64 };
      return { status: 'found', url: null, image, picture_id: answer.id, ...contact, expires_at: null };
    }
    case 'unchanged':
      return { status: 'unchanged', picture_id: answer.id, ...contact };
    case 'not_set':
      return { status: 'not_set', ...contact };
    case 'nothing':
      return { status: 'no_answer', reason: answer.reason };
    case 'silence':
      return { status: 'no_answer', reason: 'timed_out' };
  }
}

/**
 * Waits for an exchange with WhatsApp until the deadline, or until the connection ends. When a socket is ended on
 * purpose, Baileys never settles its open queries, and it sets no time limit for the queries that it makes by itself.
 */
export async function answerUnlessClosed<T>(
  exchange: Promise<T | 'closed'>,
  closed: AbortSignal,
  clock: Clock,
  deadlineMs: number,
): Promise<T | 'closed' | NoAnswer> {
  let onClosed = () => undefined as void;
  const whenClosed = new Promise<'closed'>((settle) => {
    onClosed = () => settle('closed');
    if (closed.aborted) onClosed();
    closed.addEventListener('abort', onClosed);
  });
  try {
    return await withDeadline(clock, deadlineMs, Promise.race([exchange, whenClosed]));
  } catch (err) {
    return { status: 'no_answer', reason: err instanceof DeadlineError ? 'deadline' : 'unexpected_failure' };
  } finally {
    closed.removeEventListener('abort', onClosed);
  }
}
