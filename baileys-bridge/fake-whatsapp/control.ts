import { randomBytes } from 'node:crypto';
import { type Account, deviceJid, deviceLid, type Owner } from './accounts.js';
import type { FakeWhatsApp, InboundMessage, PairedDevice, SessionClosing, SessionInfo } from './api.js';
import { applyBehaviour } from './behaviour.js';
import { cdnContent } from './cdn/bodies.js';
import type { ServerContext } from './context.js';
import { announce, restrict, sendPrivacyToken } from './announcements.js';
import { type Contact, hasPhoto } from './directory/contact.js';
import { bareJid, deviceOf, jidServer, jidUser } from './directory/jids.js';
import { FakeWhatsAppError } from './errors.js';
import { enterPairingCode } from './phone/pairing-code.js';
import type { Peers } from './phone/peers.js';
import { scanQr } from './phone/qr-scan.js';
import { node } from './wire/nodes.js';
import type { ChatSession } from './wire/session.js';

type Control = Omit<FakeWhatsApp, 'url' | 'httpUrl' | 'rootPublicKey' | 'close'>;

/** Creates the methods that control the fake WhatsApp from outside, over HTTP or in process. */
export function createControl(context: ServerContext, peers: Peers): Control {
  const { accounts, directory, log, sessions, behaviour } = context;

  const ownerOf = (phoneOrJid: string, field: string, lid: string | undefined): Owner => {
    const jid = requireJid(phoneOrJid, field);
    const ownLid = lid === undefined ? undefined : requireJid(lid, 'lid');
    return {
      user: jidUser(jid),
      lid: ownLid ?? directory.lidOf(directory.resolve(jid).contact),
      device: deviceOf(phoneOrJid),
    };
  };

  return {
    scan: async ({ qr, jid, lid }) => describeDevice(await scanQr(context, qr, ownerOf(jid, 'jid', lid))),
    enterPairingCode: async ({ phone, code, lid }) =>
      describeDevice(await enterPairingCode(context, code, ownerOf(phone, 'phone', lid))),

    setContact: (phoneOrJid, settings) =>
      directory.configure([{ jid: requireJid(phoneOrJid, 'phone'), settings }])[0] as Contact,
    setContacts(contacts) {
      const entries = contacts.map(({ phone, ...settings }, index) => ({
        jid: requireJid(phone, `contacts.${index}.phone`),
        settings,
      }));
      return directory.configure(entries).length;
    },
    contact: (phoneOrJid) => directory.resolve(requireJid(phoneOrJid, 'phone')).contact,
    lidOf(phoneOrJid) {
      const { contact } = directory.resolve(requireJid(phoneOrJid, 'phone'));
      return jidServer(contact.jid) === 'g.us' ? null : directory.lidOf(contact);
    },
    changePicture: (phoneOrJid, from = 'pn') =>
      announce(context, directory.changePicture(requireJid(phoneOrJid, 'phone')), 'set', from),
    removePicture: (phoneOrJid, from = 'pn') =>
      announce(context, directory.removePicture(requireJid(phoneOrJid, 'phone')), 'delete', from),
    notify: (phoneOrJid, kind, from = 'pn') =>
      announce(context, directory.resolve(requireJid(phoneOrJid, 'phone')).contact, kind, from),
    sendPrivacyToken: (token) =>
      sendPrivacyToken(
        sessions.ofUser(requirePhone(token.to_instance, 'to_instance')),
        requireJid(token.from, 'from'),
        token,
      ),
    restrict: (user, until) => restrict(sessions.ofUser(requirePhone(user, 'user')), until),
    async sendHistory(user, chats) {
      const devices = sessions.ofUser(requirePhone(user, 'user'));
      for (const session of devices) {
        if (session.account) session.send(await peers.writeHistory(session.account, chats));
      }
      return devices.length;
    },
    image(phoneOrJid, type = 'image') {
      const { contact } = directory.resolve(requireJid(phoneOrJid, 'phone'));
      const picture = { jid: contact.jid, version: contact.version, type };
      return hasPhoto(contact) ? cdnContent(picture, contact.cdn.body ?? 'jpeg') : undefined;
    },

    sendMessage: (message) => deliver(context, peers, message),

    requests: (since = 0) => log.since(since),
    clearRequests: () => log.clear(),

    sessions: () => sessions.all().map(describeSession),
    closeSessions(user, how) {
      const ending = sessions.ofUser(requirePhone(user, 'user'));
      ending.forEach((session) => end(context, session, how));
      return ending.length;
    },
    failLogins(user, reason, times, expireSeconds) {
      accounts.failLogins(
        requirePhone(user, 'user'),
        reason === null ? null : { reason, times, expireSeconds },
      );
    },
    acknowledgements: () => [...context.acknowledgements],
    behaviour: () => ({ ...behaviour }),
    setBehaviour(changes) {
      applyBehaviour(behaviour, changes);
      directory.defaultPicture = behaviour.default_picture;
      return { ...behaviour };
    },
  };
}

function requireJid(phoneOrJid: string, field: string): string {
  const jid = bareJid(phoneOrJid);
  if (jid === undefined) {
    throw new FakeWhatsAppError('invalid', field, 'is neither a phone number nor a jid');
  }
  return jid;
}

/** Returns the digits of a phone number, which is given as digits or as a jid. */
const requirePhone = (phoneOrJid: string, field: string): string => jidUser(requireJid(phoneOrJid, field));

const describeDevice = (account: Account): PairedDevice => ({
  jid: deviceJid(account),
  lid: deviceLid(account),
});

function describeSession(session: ChatSession): SessionInfo {
  const open = session.account ? 'open' : 'pairing';
  return {
    user: session.account?.user ?? null,
    device: session.account?.device ?? null,
    state: session.frozen ? 'frozen' : open,
    since: session.since,
  };
}

/** Sends the message to every device of the recipient, encrypted for each device. */
async function deliver(
  context: ServerContext,
  peers: Peers,
  message: InboundMessage,
): Promise<{ message_id: string }> {
  const user = requirePhone(message.to_instance, 'to_instance');
  const letter = {
    id: `3EB0${randomBytes(9).toString('hex').toUpperCase()}`,
    from: requireJid(message.from, 'from'),
    text: message.text,
    pushName: message.push_name ?? '',
    senderLid: optionalJid(message.sender_lid, 'sender_lid'),
    senderPn: optionalJid(message.sender_pn, 'sender_pn'),
    group: optionalJid(message.group, 'group'),
  };
  const devices = context.sessions.ofUser(user);
  if (devices.length === 0) {
    throw new FakeWhatsAppError('not_found', 'to_instance', 'is not logged in');
  }
  for (const session of devices) {
    if (session.account) {
      session.send(await peers.write(session.account, letter));
    }
  }
  return { message_id: letter.id };
}

const optionalJid = (jid: string | undefined, field: string) =>
  jid === undefined ? undefined : requireJid(jid, field);

function end(context: ServerContext, session: ChatSession, how: SessionClosing): void {
  switch (how) {
    case 'drop':
      return session.drop();
    case 'freeze':
      session.frozen = true;
      return;
    case '428':
      return session.close();
    case 'replaced':
      return session.streamError(undefined, node('conflict', { type: 'replaced' }));
    case 'logged_out':
      if (session.account) {
        context.accounts.logOut(session.account);
      }
      return session.streamError('401', node('conflict', { type: 'device_removed' }));
    default:
      return session.streamError(how);
  }
}
