import { forgetGroups } from '../lookups/common-groups.js';
import { erasePrivacyTokens } from '../lookups/privacy-tokens.js';
import { type ContactAddress, phoneVariants } from '../lookups/contact-address.js';
import type { Contacts } from '../lookups/contacts.js';
import type { Pool } from './database/pool.js';
import type { Events } from './events/events.js';
import type { Instance } from './instances/instance-ports.js';

export interface ErasePorts {
  readonly pool: Pool;
  readonly contacts: Contacts;
  readonly events: Events;
  readonly localInstances: () => readonly Instance[];
}

/**
 * Forgets a person in the given instances, or in all instances when none is given: privacy tokens, Signal sessions, LID
 * mappings, groups, and events that wait for the receiver. The address and LID under which WhatsApp knows the phone do not
 * belong to a single instance, so they are always erased.
 */
export async function erasePerson(
  ports: ErasePorts,
  address: ContactAddress,
  instanceIds: readonly string[] = [],
): Promise<void> {
  const local = ports
    .localInstances()
    .filter(({ id }) => instanceIds.length === 0 || instanceIds.includes(id));
  const given =
    address.kind === 'lid'
      ? [address.lid]
      : phoneVariants(address.phone).map((phone) => `${phone}@s.whatsapp.net`);
  // Twice: a row that is found under the first address may name another address, which has more rows.
  const known = await ports.contacts.erase(await ports.contacts.erase(given));
  const addresses = [...new Set([...known, ...(await mappedAddresses(local, known))])];
  await ports.contacts.erase(addresses);
  for (const instance of local) {
    const socket = instance.connection()?.socket;
    if (socket) await erasePrivacyTokens(socket.authState.keys, addresses);
  }
  await ports.pool.query(
    `DELETE FROM bridge.auth_state
     WHERE category NOT IN ('creds', 'settings')
       AND ($2::text[] = '{}' OR instance_id = ANY ($2))
       AND regexp_split_to_array(key_id, '[^0-9]+') && $1::text[]`,
    [addresses.map((each) => each.split('@')[0]), instanceIds],
  );
  // After the rows, from which Baileys would fill its memory again.
  for (const instance of local) {
    const socket = instance.connection()?.socket;
    if (!socket) continue;
    forgetGroups(socket, addresses);
    // Despite its name, it only empties the memory of all mappings, which are read from the store again.
    socket.signalRepository.lidMapping.close();
  }
  await ports.events.erase(addresses, instanceIds);
}

/** Returns the addresses in the instances' own mappings: a phone's LID, or a LID's phone. */
async function mappedAddresses(
  instances: readonly Instance[],
  addresses: readonly string[],
): Promise<string[]> {
  const users = addresses.map((each) => each.split('@')[0] ?? '');
  const keys = [...users, ...users.map((user) => `${user}_reverse`)];
  const found: string[] = [];
  for (const instance of instances) {
    const stored = (await instance.connection()?.socket.authState.keys.get('lid-mapping', keys)) ?? {};
    for (const [key, user] of Object.entries(stored)) {
      found.push(`${user}@${key.endsWith('_reverse') ? 's.whatsapp.net' : 'lid'}`);
    }
  }
  return found;
}
