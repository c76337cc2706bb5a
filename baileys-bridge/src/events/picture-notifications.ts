import { type BinaryNode, getBinaryNodeChild, jidNormalizedUser } from 'baileys';
import { type Clock, pause } from '../../lookups/clock.js';
import type { Contacts } from '../../lookups/contacts.js';
import { hashOf } from '../../lookups/notification-hash.js';
import { privacyTokenOf } from '../../lookups/privacy-tokens.js';
import type { WASocket } from '../whatsapp/socket.js';
import type { ContactsUpdate, Person } from './event.js';
import { identify } from './person.js';

type Sighting = Omit<ContactsUpdate['data'][number], keyof Person>;

export interface PictureNotificationPorts {
  readonly clock: Clock;
  readonly contacts: Contacts;
}

/**
 * Reads the raw notifications about a contact's picture, because Baileys takes the stanza's sender for the person,
 * calls everything that is not a new photo a removal, and drops the new photo's id.
 */
export function listenToPictures(
  socket: WASocket,
  ports: PictureNotificationPorts,
  tell: (person: Person, sighting: Sighting) => void,
): void {
  const tellAbout = async (jid: string | undefined, sighting: Sighting): Promise<void> => {
    const person = jid === undefined ? undefined : await identify(socket, ports.contacts, jid);
    if (person) tell(person, sighting);
  };

  const onChild = (
    stanza: BinaryNode,
    child: BinaryNode | undefined,
    sighting: Omit<Sighting, 'picture_id'>,
  ) => {
    if (!child) return;
    const picture_id = sighting.picture === 'changed' ? (child.attrs.id ?? null) : null;
    void subjectOf(stanza, child, ports.contacts).then((jid) => tellAbout(jid, { ...sighting, picture_id }));
  };

  socket.ws.on('CB:notification,type:picture', (stanza: BinaryNode) => {
    onChild(stanza, getBinaryNodeChild(stanza, 'set'), { picture: 'changed', cause: 'picture' });
    onChild(stanza, getBinaryNodeChild(stanza, 'delete'), { picture: 'removed', cause: 'picture' });
  });
  socket.ws.on('CB:notification,type:contacts', (stanza: BinaryNode) => {
    onChild(stanza, getBinaryNodeChild(stanza, 'update'), { picture: 'changed', cause: 'contact' });
  });
  socket.ws.on('CB:notification,type:privacy_token', (stanza: BinaryNode) => {
    const { from, sender_lid } = stanza.attrs;
    const givers = [sender_lid, from].filter((jid) => jid !== undefined).map((jid) => jidNormalizedUser(jid));
    void untilStored(socket, ports.clock, givers).then(() =>
      tellAbout(givers[0], { picture: 'changed', picture_id: null, cause: 'privacy_token' }),
    );
  });
}

/** Returns the owner of the photo. The child names the owner by address or by hash; the sender alone proves nothing. */
async function subjectOf(
  stanza: BinaryNode,
  { attrs: { jid, hash } }: BinaryNode,
  contacts: Contacts,
): Promise<string | undefined> {
  if (jid !== undefined) return jid;
  if (hash === undefined) return undefined;
  const { from } = stanza.attrs;
  if (from !== undefined && hashOf(from) === hash) return from;
  return (await contacts.jidOfHash(hash).catch(() => null)) ?? undefined;
}

const TRIES = 20;
const BETWEEN_TRIES_MS = 100;

/** Waits until Baileys has stored the token of the stanza; an earlier lookup would not find it. */
async function untilStored(socket: WASocket, clock: Clock, givers: readonly string[]): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    if (await privacyTokenOf(socket.authState.keys, givers, clock.now())) return;
    await pause(clock, BETWEEN_TRIES_MS);
  }
}
