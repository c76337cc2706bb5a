import { createHash } from 'node:crypto';
import { phoneVariants } from '../../lookups/contact-address.js';
import { applySettings, type Contact, type ContactSettings, newContact } from './contact.js';
import { jidServer, jidUser } from './jids.js';

export type DefaultPicture = 'none' | 'set';

/** The contact of a query's target; `not_canonical` means that another form of the target is registered. */
export type Resolution = { kind: 'contact'; contact: Contact } | { kind: 'not_canonical'; contact: Contact };

/**
 * All people on the fake WhatsApp. People who were never configured exist too: they are on WhatsApp, have the default
 * picture, and take no memory until they are changed.
 */
export class ContactDirectory {
  private readonly contacts = new Map<string, Contact>();
  private readonly jidByLid = new Map<string, string>();
  defaultPicture: DefaultPicture = 'none';

  constructor(private readonly save: (contacts: readonly Contact[]) => void = () => {}) {}

  get size(): number {
    return this.contacts.size;
  }

  /** Restores a saved contact, without saving it again. */
  restore(contact: Contact): void {
    this.keep(contact);
  }

  all(): IterableIterator<Contact> {
    return this.contacts.values();
  }

  configure(entries: readonly { jid: string; settings: ContactSettings }[]): Contact[] {
    const changed = entries.map(({ jid, settings }) => {
      const known = this.contacts.get(this.jidByLid.get(jid) ?? jid);
      const contact = known ?? newContact(jid, this.defaultPicture);
      if (!known && settings.picture !== undefined) {
        contact.picture = settings.picture;
      }
      applySettings(contact, settings);
      this.keep(contact);
      return contact;
    });
    this.save(changed);
    return changed;
  }

  /** Gives the contact a new photo. */
  changePicture(jid: string): Contact {
    return this.update(jid, (contact) => {
      contact.version += 1;
      contact.picture = 'set';
    });
  }

  removePicture(jid: string): Contact {
    return this.update(jid, (contact) => {
      contact.picture = 'none';
    });
  }

  resolve(jid: string): Resolution {
    const exact = this.contacts.get(this.jidByLid.get(jid) ?? jid);
    if (exact) {
      return { kind: 'contact', contact: exact };
    }
    if (jidServer(jid) === 's.whatsapp.net') {
      for (const variant of phoneVariants(jidUser(jid))) {
        const contact = this.contacts.get(`${variant}@s.whatsapp.net`);
        if (contact) {
          return { kind: 'not_canonical', contact };
        }
      }
    }
    return { kind: 'contact', contact: newContact(this.jidByLid.get(jid) ?? jid, this.defaultPicture) };
  }

  /** Returns the person's LID. Every person on WhatsApp has a LID; by default it follows from the number. */
  lidOf(contact: Contact): string {
    if (jidServer(contact.jid) === 'lid') {
      return contact.jid;
    }
    const lid = contact.lid ?? derivedLid(contact.jid);
    this.jidByLid.set(lid, contact.jid);
    return lid;
  }

  private update(jid: string, change: (contact: Contact) => void): Contact {
    const { contact } = this.resolve(jid);
    change(contact);
    this.keep(contact);
    this.save([contact]);
    return contact;
  }

  private keep(contact: Contact): void {
    this.contacts.set(contact.jid, contact);
    if (jidServer(contact.jid) === 's.whatsapp.net') {
      this.lidOf(contact);
    }
  }
}

function derivedLid(jid: string): string {
  const hash = createHash('sha256').update(jid).digest().readUIntBE(0, 6);
  return `${100_000_000_000_000 + (hash % 90_000_000_000_000)}@lid`;
}
