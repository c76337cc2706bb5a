import { hashOf } from './notification-hash.js';

/** A contact as WhatsApp knows it. */
export interface KnownContact {
  readonly jid: string;
  readonly lid: string | null;
}

/** WhatsApp's answers about phones, remembered for all instances together. */
export interface Contacts {
  recall(phone: string): Promise<KnownContact | undefined>;
  /** @returns those of `phones` that are known */
  recallAll(phones: readonly string[]): Promise<Map<string, KnownContact>>;
  remember(phone: string, contact: KnownContact): Promise<void>;
  forget(phone: string): Promise<void>;
  /** Returns the LID of a canonical jid, if it was seen. */
  lidOf(jid: string): Promise<string | null>;
  /** Returns the jid to which a LID belongs, if it was seen. */
  jidOf(lid: string): Promise<string | null>;
  /** Returns the jid whose number has this hash in WhatsApp's notifications; null unless exactly one jid has it. */
  jidOfHash(hash: string): Promise<string | null>;
  /** Forgets a person under all addresses. @returns all known addresses of the person, including the given ones */
  erase(jids: readonly string[]): Promise<string[]>;
  /** Drops the entries that WhatsApp has not confirmed for 30 days, or for the time set at creation. */
  expire(): Promise<void>;
}

const LIFE_MS = 30 * 24 * 60 * 60 * 1_000;
const LIMIT = 50_000;

/** Creates a memory that ends with the process. */
export function memoryContacts(now: () => number = Date.now): Contacts {
  const known = new Map<string, KnownContact & { readonly at: number }>();
  const find = (wanted: (contact: KnownContact) => boolean) => [...known.values()].find(wanted);
  const contacts: Contacts = {
    async recall(phone) {
      const contact = known.get(phone);
      return contact && contact.at > now() - LIFE_MS ? { jid: contact.jid, lid: contact.lid } : undefined;
    },
    async recallAll(phones) {
      const found = new Map<string, KnownContact>();
      for (const phone of phones) {
        const contact = await contacts.recall(phone);
        if (contact) found.set(phone, contact);
      }
      return found;
    },
    async remember(phone, contact) {
      known.delete(phone);
      known.set(phone, { ...contact, at: now() });
      const oldest = known.keys().next();
      if (known.size > LIMIT && !oldest.done) known.delete(oldest.value);
    },
    async forget(phone) {
      known.delete(phone);
    },
    lidOf: async (jid) => find((contact) => contact.jid === jid)?.lid ?? null,
    jidOf: async (lid) => find((contact) => contact.lid === lid)?.jid ?? null,
    async jidOfHash(hash) {
      const jids = new Set([...known.values()].map(({ jid }) => jid).filter((jid) => hashOf(jid) === hash));
      return jids.size === 1 ? ([...jids][0] ?? null) : null;
    },
    async erase(jids) {
      const gone = new Set(jids);
      for (const [phone, { jid, lid }] of known) {
        const own = [`${phone}@s.whatsapp.net`, jid, ...(lid === null ? [] : [lid])];
        if (!own.some((each) => jids.includes(each))) continue;
        known.delete(phone);
        own.forEach((each) => gone.add(each));
      }
      return [...gone];
    },
    async expire() {
      for (const [phone, { at }] of known) if (at <= now() - LIFE_MS) known.delete(phone);
    },
  };
  return contacts;
}
