import { createHash, randomBytes } from 'node:crypto';
import { type BinaryNode, S_WHATSAPP_NET } from 'baileys';
import type { NotifiedBy, OtherNotification, PictureChange, PrivacyToken } from './api.js';
import type { ServerContext } from './context.js';
import type { Contact } from './directory/contact.js';
import { jidUser } from './directory/jids.js';
import { pictureId } from './directory/picture-id.js';
import { node, stanzaId, unixSeconds } from './wire/nodes.js';
import type { ChatSession } from './wire/session.js';

const DAY_SECONDS = 86_400;

/**
 * Tells every logged-in session that a contact's photo changed or was removed, or sends a notification that only looks
 * similar.
 */
export function announce(
  context: ServerContext,
  contact: Contact,
  what: 'set' | 'delete' | OtherNotification,
  by: NotifiedBy,
): PictureChange {
  const id = what === 'set' ? pictureId(contact) : null;
  const { from, subject } = addressing(context, contact, by);
  const child =
    what === 'contact_update'
      ? node('update', subject)
      : node(what, { ...subject, ...(id !== null && { id }) });
  const told = context.sessions.loggedIn();
  for (const session of told) {
    const attrs = { from, type: what === 'contact_update' ? 'contacts' : 'picture' };
    session.send(notification(attrs, [child]));
  }
  return { jid: contact.jid, picture_id: id, notified: told.length };
}

/** Returns the sender of the stanza, and the attributes that name the person in its child. */
function addressing(
  { directory }: ServerContext,
  contact: Contact,
  by: NotifiedBy,
): { from: string; subject: Record<string, string> } {
  switch (by) {
    case 'pn':
      return { from: contact.jid, subject: { jid: contact.jid, author: contact.jid } };
    case 'lid': {
      const lid = directory.lidOf(contact);
      return { from: lid, subject: { jid: lid, author: lid } };
    }
    case 'child':
      return { from: S_WHATSAPP_NET, subject: { jid: contact.jid } };
    case 'hash':
      return { from: S_WHATSAPP_NET, subject: { hash: hashOf(contact.jid) } };
  }
}

/** Returns WhatsApp's name for a person who has no chat with the device: three bytes of a hash of the number. */
const hashOf = (jid: string): string =>
  createHash('md5')
    .update(`${jidUser(jid)}WA_ADD_NOTIF`)
    .digest()
    .subarray(0, 3)
    .toString('base64');

/** Sends a contact's privacy token to the sessions. */
export function sendPrivacyToken(
  sessions: readonly ChatSession[],
  from: string,
  token: PrivacyToken,
): number {
  const at = Math.floor(Date.now() / 1_000) - (token.age_days ?? 0) * DAY_SECONDS;
  for (const session of sessions) {
    const attrs = {
      from,
      type: 'privacy_token',
      ...(token.sender_lid !== undefined && { sender_lid: token.sender_lid }),
    };
    const given = { jid: session.account?.lid ?? '', t: String(at), type: 'trusted_contact' };
    session.send(notification(attrs, [node('tokens', {}, [node('token', given, randomBytes(16))])]));
  }
  return sessions.length;
}

/** Tells the sessions the time until which their account may not start new chats. */
export function restrict(sessions: readonly ChatSession[], until: string | null): number {
  const payload = {
    data: {
      xwa2_notify_account_reachout_timelock: {
        is_active: until !== null,
        ...(until !== null && {
          time_enforcement_ends: String(Math.floor(Date.parse(until) / 1_000)),
          enforcement_type: 'DEFAULT',
        }),
      },
    },
  };
  const update = { op_name: 'NotificationUserReachoutTimelockUpdate' };
  for (const session of sessions) {
    const content = Buffer.from(JSON.stringify(payload));
    session.send(notification({ from: S_WHATSAPP_NET, type: 'mex' }, [node('update', update, content)]));
  }
  return sessions.length;
}

const notification = (attrs: Record<string, string>, content: BinaryNode[]): BinaryNode =>
  node('notification', { id: stanzaId('n'), t: unixSeconds(), ...attrs }, content);
