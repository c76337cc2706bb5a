import { type WASocket, USyncQuery, USyncUser, isPnUser, jidNormalizedUser } from 'baileys';
import { type ContactAddress, phoneVariants } from './contact-address.js';
import type { Contacts, KnownContact } from './contacts.js';

/** Whom to ask for, or that nobody is there. */
export type Resolution =
  | {
      readonly kind: 'known';
      readonly target: string;
      readonly contact: KnownContact;
      readonly remembered: boolean;
    }
  | { readonly kind: 'not_on_whatsapp' }
  /** WhatsApp's answer says neither yes nor no. */
  | { readonly kind: 'unclear' };

/**
 * Finds the jid under which WhatsApp knows the contact: from memory, else with one `usync` query that asks for all
 * variants of the phone and for the LID together. Asking for the LID here spares the second, hidden query that Baileys
 * would otherwise make before every picture. The LID is kept in our table and not in Baileys' mapping, which holds every
 * contact in memory for three days, with a timer each.
 */
export async function resolve(
  socket: WASocket,
  contacts: Contacts,
  address: ContactAddress,
): Promise<Resolution> {
  if (address.kind === 'lid') return resolveLid(socket, contacts, address.lid);
  const known = await contacts.recall(address.phone).catch(() => undefined);
  if (known) return { kind: 'known', target: known.jid, contact: known, remembered: true };
  return askWhatsApp(socket, contacts, address.phone);
}

/** A LID is asked for as it is; its phone is known only if some message or query has shown it. */
async function resolveLid(socket: WASocket, contacts: Contacts, lid: string): Promise<Resolution> {
  const jid = (await phoneOfLid(socket, contacts, lid)) ?? lid;
  return { kind: 'known', target: lid, contact: { jid, lid }, remembered: false };
}

/** From the bridge's memory, else from what Baileys has seen; WhatsApp itself does not tell whose a LID is. */
export async function phoneOfLid(socket: WASocket, contacts: Contacts, lid: string): Promise<string | null> {
  const remembered = await contacts.jidOf(lid).catch(() => null);
  if (remembered !== null) return remembered;
  const found = await socket.signalRepository.lidMapping.getPNForLID(lid).catch(() => null);
  // Baileys answers with a device: 5562…:0@s.whatsapp.net
  return found === null ? null : jidNormalizedUser(found);
}

async function askWhatsApp(socket: WASocket, contacts: Contacts, phone: string): Promise<Resolution> {
  const query = new USyncQuery().withContactProtocol().withLIDProtocol();
  for (const variant of phoneVariants(phone)) query.withUser(new USyncUser().withPhone(`+${variant}`));
  const answer = await socket.executeUSyncQuery(query);
  if (!answer) return { kind: 'unclear' };
  const present = answer.list.filter((entry) => entry.contact === true && isPnUser(entry.id));
  const asAsked = present.find((entry) => entry.id === `${phone}@s.whatsapp.net`);
  const chosen = asAsked ?? present[0];
  if (!chosen) return { kind: answer.list.length > 0 ? 'not_on_whatsapp' : 'unclear' };
  const lid = typeof chosen.lid === 'string' ? jidNormalizedUser(chosen.lid) : null;
  const contact = { jid: jidNormalizedUser(chosen.id), lid };
  // Being without a memory costs a query more next time, no more.
  await contacts.remember(phone, contact).catch(() => undefined);
  return { kind: 'known', target: contact.jid, contact, remembered: false };
}
