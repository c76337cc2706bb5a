import { jidNormalizedUser } from 'baileys';
import { type ContactAddress, phoneVariants } from './contact-address.js';
import type { Contacts, KnownContact } from './contacts.js';
import type { LookupSocket } from './socket.js';
import { type UsyncPerson, usync } from './usync.js';

/** The person to ask for, or the fact that there is no such person. */
export type Resolution =
  | {
      readonly kind: 'known';
      readonly target: string;
      readonly contact: KnownContact;
      readonly remembered: boolean;
    }
  | { readonly kind: 'not_on_whatsapp' }
  | { readonly kind: 'throttled'; readonly backoffSeconds: number | undefined }
  /** WhatsApp's answer says neither yes nor no. */
  | { readonly kind: 'unclear' };

export interface ResolvePorts {
  readonly socket: LookupSocket;
  readonly contacts: Contacts;
  readonly deadlineMs: number;
  /** Called before a query leaves. */
  readonly onQuery: (kind: 'usync') => void;
}

/**
 * Finds the jid under which WhatsApp knows the contact: from memory, else with one `usync` query that asks for all
 * variants of the phone and for the LID together. Asking for the LID here saves the second, hidden query that Baileys
 * would otherwise make before every picture. The LID is kept in our table and not in Baileys' mapping, because that
 * mapping holds every contact in memory for three days, each with a timer.
 */
export async function resolve(ports: ResolvePorts, address: ContactAddress): Promise<Resolution> {
  if (address.kind === 'lid') return resolveLid(ports, address.lid);
  const known = await ports.contacts.recall(address.phone).catch(() => undefined);
  if (known) return { kind: 'known', target: known.jid, contact: known, remembered: true };
  return askWhatsApp(ports, address.phone);
}

/** Resolves a LID to itself. Its phone is known only if a message or a query has shown it. */
async function resolveLid({ socket, contacts }: ResolvePorts, lid: string): Promise<Resolution> {
  const jid = (await phoneOfLid(socket, contacts, lid)) ?? lid;
  return { kind: 'known', target: lid, contact: { jid, lid }, remembered: false };
}

/** Searches our memory, then Baileys' mapping. WhatsApp itself does not say to whom a LID belongs. */
export async function phoneOfLid(
  socket: LookupSocket,
  contacts: Contacts,
  lid: string,
): Promise<string | null> {
  const remembered = await contacts.jidOf(lid).catch(() => null);
  if (remembered !== null) return remembered;
  const found = await socket.signalRepository.lidMapping.getPNForLID(lid).catch(() => null);
  // Baileys answers with a device: 5562…:0@s.whatsapp.net
  return found === null ? null : jidNormalizedUser(found);
}

/** @throws the error of the query */
export async function askWhatsApp(ports: ResolvePorts, phone: string): Promise<Resolution> {
  const variants = phoneVariants(phone);
  ports.onQuery('usync');
  const targets = variants.map((each) => ({ phone: each }));
  const answer = await usync(ports.socket, targets, ['contact', 'lid'], ports.deadlineMs);
  if (answer.kind !== 'people') return answer;
  const verdict = judge(phone, variants, answer.people);
  // If the memory fails, the next lookup costs one more query, and nothing else.
  if (verdict.kind === 'known') await ports.contacts.remember(phone, verdict.contact).catch(() => undefined);
  return verdict;
}

/**
 * Judges an answer about one person's variants. A person is absent only if WhatsApp said so for every variant. A
 * variant that is missing, refused or called "none" leaves the question open.
 */
export function judge(
  phone: string,
  variants: readonly string[],
  people: readonly UsyncPerson[],
): Exclude<Resolution, { remembered: true }> {
  const answers = variants.map((variant) => people.find((person) => isAbout(person, variant)));
  const candidates = answers.filter((person) => person !== undefined);
  const present = candidates.filter((person) => person.contact === 'in');
  const chosen = present.find((person) => person.pn === `${phone}@s.whatsapp.net`) ?? present[0];
  const target = chosen?.pn ?? chosen?.lid;
  if (chosen && target) {
    return { kind: 'known', target, contact: { jid: target, lid: chosen.lid }, remembered: false };
  }
  const throttled = candidates.find((person) => person.throttledFor !== null);
  if (throttled) return { kind: 'throttled', backoffSeconds: throttled.throttledFor || undefined };
  const absent = answers.every((person) => person?.contact === 'out');
  return { kind: absent ? 'not_on_whatsapp' : 'unclear' };
}

const isAbout = (person: UsyncPerson, variant: string): boolean =>
  person.asked === null ? person.pn === `${variant}@s.whatsapp.net` : person.asked === variant;
