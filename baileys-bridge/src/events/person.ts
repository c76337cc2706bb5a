import { isLidUser, isPnUser, jidNormalizedUser } from 'baileys';
import type { Contacts } from '../../lookups/contacts.js';
import { phoneOfLid } from '../../lookups/resolve.js';
import type { WASocket } from '../whatsapp/socket.js';
import type { Person } from './event.js';

/**
 * Sorts the jids from WhatsApp by kind, and fills in a missing jid from the addresses that the bridge has seen. Never
 * asks WhatsApp.
 *
 * @returns undefined for groups, status, newsletters and other addresses that are not a person
 */
export async function identify(
  socket: WASocket,
  contacts: Contacts,
  ...given: readonly (string | null | undefined)[]
): Promise<Person | undefined> {
  const jids = given.filter((jid) => typeof jid === 'string').map((jid) => jidNormalizedUser(jid));
  const jid = jids.find((each) => isPnUser(each)) ?? null;
  const lid = jids.find((each) => isLidUser(each)) ?? null;
  if (jid !== null) return { jid, lid: lid ?? (await lidOf(socket, contacts, jid)) };
  if (lid !== null) return { jid: await phoneOfLid(socket, contacts, lid), lid };
  return undefined;
}

async function lidOf(socket: WASocket, contacts: Contacts, jid: string): Promise<string | null> {
  const user = jid.split('@')[0] ?? '';
  // For an unknown address, Baileys' own lookup would ask WhatsApp.
  const stored = await Promise.resolve(socket.authState.keys.get('lid-mapping', [user])).catch(
    () => undefined,
  );
  const lidUser = stored?.[user];
  return lidUser === undefined ? contacts.lidOf(jid).catch(() => null) : `${lidUser}@lid`;
}
