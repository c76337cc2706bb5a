import { type BinaryNode, isJidGroup, jidNormalizedUser } from 'baileys';
import type { KnownContact } from './contacts.js';
import type { LookupSocket } from './socket.js';

const LIMIT = 2_000;
/** A group, and the addresses under which a message to it named the writer. */
interface Sighting {
  readonly group: string;
  readonly writer: readonly string[];
}

const seen = new WeakMap<LookupSocket, Map<string, Sighting>>();

/** Notes, from messages to groups, which people share a group with this instance. Does not read the message texts. */
export function noteGroups(socket: LookupSocket): void {
  if (seen.has(socket)) return;
  const groups = new Map<string, Sighting>();
  seen.set(socket, groups);
  socket.ws.on('CB:message', ({ attrs }: BinaryNode) => {
    const { from, participant, participant_pn, participant_lid } = attrs;
    if (from === undefined || !isJidGroup(from)) return;
    const writer = [participant, participant_pn, participant_lid]
      .filter((person) => person !== undefined)
      .map((person) => jidNormalizedUser(person));
    for (const person of writer) keep(groups, person, { group: from, writer });
  });
}

function keep(groups: Map<string, Sighting>, person: string, sighting: Sighting): void {
  groups.delete(person);
  groups.set(person, sighting);
  const oldest = groups.keys().next();
  if (groups.size > LIMIT && !oldest.done) groups.delete(oldest.value);
}

/** Returns a group that this instance shares with the contact, if such a group was seen. */
export function commonGroup(socket: LookupSocket, { jid, lid }: KnownContact): string | undefined {
  const groups = seen.get(socket);
  return (groups?.get(jid) ?? (lid === null ? undefined : groups?.get(lid)))?.group;
}

/** Forgets the groups of these people, also under other addresses that came with these. */
export function forgetGroups(socket: LookupSocket, addresses: readonly string[]): void {
  const groups = seen.get(socket);
  for (const address of addresses) {
    for (const each of [address, ...(groups?.get(address)?.writer ?? [])]) groups?.delete(each);
  }
}
