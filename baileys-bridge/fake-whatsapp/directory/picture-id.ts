import { createHash } from 'node:crypto';
import type { Contact } from './contact.js';

/**
 * Returns a picture id as WhatsApp shows it: ten digits that look like Unix seconds. The id is equal for `image` and
 * `preview`, and differs for every photo that the contact sets.
 */
export function pictureId(contact: Pick<Contact, 'jid' | 'version'>): string {
  const base = createHash('sha256').update(contact.jid).digest().readUInt32BE(0) % 100_000_000;
  return String(1_500_000_000 + base + contact.version);
}
