import { type ContactAddress, phoneVariants } from './contact-address.js';
import type { Contacts } from './contacts.js';
import { classifyFailure } from './failure.js';
import type { BatchEntry } from './outcome.js';
import { judge, phoneOfLid } from './resolve.js';
import type { LookupSocket, QueryKind } from './socket.js';
import { type PictureState, type UsyncPerson, type UsyncTarget, usync } from './usync.js';

export interface BatchQuestion {
  readonly address: ContactAddress;
  /** The id of the picture that the caller has. */
  readonly knownId: string | undefined;
}

/** The maximum number of people in one query. */
export const BATCH_LIMIT = 100;

export type BatchAnswer =
  | {
      readonly status: 'answered';
      readonly contacts: readonly BatchEntry[];
      readonly throttledFor: number | null;
    }
  | { readonly status: 'throttled'; readonly backoffSeconds: number | undefined }
  | { readonly status: 'no_answer'; readonly reason: string };

export interface BatchPorts {
  readonly socket: LookupSocket;
  readonly contacts: Contacts;
  readonly deadlineMs: number;
  readonly onQuery: (kind: QueryKind) => void;
}

/**
 * Asks with one query whether up to a hundred people have an account, and which pictures they have. Never throws.
 *
 * @returns `closed` when the connection ended meanwhile
 */
export async function askForIds(
  ports: BatchPorts,
  questions: readonly BatchQuestion[],
): Promise<BatchAnswer | 'closed'> {
  const asked = await withTargets(ports, questions);
  try {
    ports.onQuery('usync');
    const targets = asked.flatMap((each) => each.targets);
    const answer = await usync(ports.socket, targets, ['contact', 'lid', 'picture'], ports.deadlineMs);
    if (answer.kind === 'throttled') return { status: 'throttled', backoffSeconds: answer.backoffSeconds };
    if (answer.kind === 'unclear') return { status: 'no_answer', reason: 'contacts_not_resolved' };
    const contacts = await Promise.all(asked.map((each) => entryOf(ports, each, answer.people)));
    const waits = answer.people.map((person) => person.throttledFor).filter((wait) => wait !== null);
    return { status: 'answered', contacts, throttledFor: waits.length === 0 ? null : Math.max(...waits) };
  } catch (err) {
    const failure = classifyFailure(err);
    if (failure === 'disconnected') return 'closed';
    if (failure === 'throttled') return { status: 'throttled', backoffSeconds: undefined };
    return { status: 'no_answer', reason: 'contacts_not_resolved' };
  }
}

interface Asked extends BatchQuestion {
  /** The forms of the phone that the query contains; empty for a LID. */
  readonly variants: readonly string[];
  readonly targets: readonly UsyncTarget[];
}

/** Adds the targets of the query: a phone that was resolved before appears in the form that WhatsApp knows. */
async function withTargets({ contacts }: BatchPorts, questions: readonly BatchQuestion[]): Promise<Asked[]> {
  const phones = questions.map(({ address }) => (address.kind === 'phone' ? address.phone : ''));
  const known = await contacts
    .recallAll(phones.filter((phone) => phone !== ''))
    .catch(() => new Map<string, never>());
  return questions.map((question) => {
    const { address } = question;
    if (address.kind === 'lid') return { ...question, variants: [], targets: [{ jid: address.lid }] };
    const canonical = userOf(known.get(address.phone)?.jid);
    const variants = canonical === undefined ? phoneVariants(address.phone) : [canonical];
    return { ...question, variants, targets: variants.map((phone) => ({ phone })) };
  });
}

const userOf = (jid: string | undefined): string | undefined =>
  /^(\d+)@s\.whatsapp\.net$/.exec(jid ?? '')?.[1];

async function entryOf(
  ports: BatchPorts,
  { address, variants, knownId }: Asked,
  people: readonly UsyncPerson[],
): Promise<BatchEntry> {
  if (address.kind === 'lid') return lidEntry(ports, address.lid, knownId, people);
  const verdict = judge(address.phone, variants, people);
  switch (verdict.kind) {
    case 'known': {
      const { jid, lid } = verdict.contact;
      await ports.contacts.remember(address.phone, verdict.contact).catch(() => undefined);
      const person = people.find((each) => each.contact === 'in' && (each.pn ?? each.lid) === jid);
      return { jid, lid, exists: 'yes', ...pictureOf(person?.picture, knownId) };
    }
    case 'not_on_whatsapp':
      return { ...nobody, exists: 'no' };
    case 'throttled':
    case 'unclear':
      return nobody;
  }
}

async function lidEntry(
  { socket, contacts }: BatchPorts,
  lid: string,
  knownId: string | undefined,
  people: readonly UsyncPerson[],
): Promise<BatchEntry> {
  const person = people.find((each) => each.lid === lid);
  if (!person) return { ...nobody, lid };
  const jid = person.pn ?? (await phoneOfLid(socket, contacts, lid));
  const exists = { in: 'yes', out: 'no', unknown: 'unknown' } as const;
  return { jid, lid, exists: exists[person.contact], ...pictureOf(person.picture, knownId) };
}

const nobody: BatchEntry = { jid: null, lid: null, exists: 'unknown', picture: 'unknown', picture_id: null };

function pictureOf(
  picture: PictureState | undefined,
  knownId: string | undefined,
): Pick<BatchEntry, 'picture' | 'picture_id'> {
  if (picture?.kind !== 'id') return { picture: picture?.kind ?? 'unknown', picture_id: null };
  return { picture: picture.id === knownId ? 'unchanged' : 'id', picture_id: picture.id };
}
