import { isLidUser, isPnUser, jidNormalizedUser } from 'baileys';
import type { Contacts } from '../../lookups/contacts.js';
import { phoneOfLid } from '../../lookups/resolve.js';
import type { WASocket } from '../whatsapp/socket.js';
import type { Person } from './event.js';

/**
 * Sorts the jids that WhatsApp gave by kind and fills in the missing one from what the bridge has seen; never asks
 * WhatsApp.
 *
 * @returns undefined for groups, status, newsletters and the like
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
  // Baileys' own lookup would ask WhatsApp when it does not know.
  const stored = await Promise.resolve(socket.authState.keys.get('lid-mapping', [user])).catch(
    () => undefined,
  );
  const lidUser = stored?.[user];
  return lidUser === undefined ? contacts.lidOf(jid).catch(() => null) : `${lidUser}@lid`;
}
