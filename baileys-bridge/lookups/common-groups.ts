import { type BinaryNode, isJidGroup, jidNormalizedUser } from 'baileys';
import type { KnownContact } from './contacts.js';
import type { LookupSocket } from './socket.js';

const LIMIT = 2_000;
const seen = new WeakMap<LookupSocket, Map<string, string>>();

/** Notes, from messages to groups, which people share a group with this instance. Does not read the message texts. */
export function noteGroups(socket: LookupSocket): void {
  if (seen.has(socket)) return;
  const groups = new Map<string, string>();
  seen.set(socket, groups);
  socket.ws.on('CB:message', ({ attrs }: BinaryNode) => {
    const { from, participant, participant_pn, participant_lid } = attrs;
    if (from === undefined || !isJidGroup(from)) return;
    for (const person of [participant, participant_pn, participant_lid]) {
      if (person !== undefined) keep(groups, jidNormalizedUser(person), from);
    }
  });
}

function keep(groups: Map<string, string>, person: string, group: string): void {
  groups.delete(person);
  groups.set(person, group);
  const oldest = groups.keys().next();
  if (groups.size > LIMIT && !oldest.done) groups.delete(oldest.value);
}

/** Returns a group that this instance shares with the contact, if such a group was seen. */
export function commonGroup(socket: LookupSocket, { jid, lid }: KnownContact): string | undefined {
  const groups = seen.get(socket);
  return groups?.get(jid) ?? (lid === null ? undefined : groups?.get(lid));
}
