import { randomBytes } from 'node:crypto';
import { S_WHATSAPP_NET } from 'baileys';
import { type Account, deviceLid } from '../accounts.js';
import type { ServerContext } from '../context.js';
import type { HandshakeResult } from './handshake.js';
import { node, stanzaId, unixSeconds } from './nodes.js';
import type { ChatSession } from './session.js';

/** The number of QR codes: the client shows the first for a minute and the next for 20 s each, and then gives up. */
const QR_REFS = 6;

/** Routing info that the server gives out at login; the client sends it back at the start of the next connection. */
const ROUTING_INFO = Buffer.from('0a0b0c', 'hex');

/** Decides the next step of a client after the handshake: pairing, a session, or a failure. */
export function welcome(context: ServerContext, session: ChatSession, login: HandshakeResult): void {
  if (login.payload.devicePairingData?.eIdent) {
    offerPairing(session);
    return;
  }
  const user = String(login.payload.username);
  const account = findAccount(context, login, user);
  const failure = context.accounts.nextFailure(user) ?? (account ? undefined : { reason: '401' });
  if (failure !== undefined || !account) {
    session.send(
      node('failure', {
        reason: failure?.reason ?? '401',
        location: 'fake',
        ...(failure?.expireSeconds !== undefined && { expire: String(failure.expireSeconds) }),
      }),
    );
    session.close();
    return;
  }
  replaceOlder(context, session, account);
  session.account = account;
  session.send(node('success', { t: unixSeconds(), lid: deviceLid(account), location: 'fake', props: '27' }));
  session.send(node('ib', {}, [node('edge_routing', {}, [node('routing_info', {}, ROUTING_INFO)])]));
  session.send(node('ib', {}, [node('offline', { count: '0' })]));
}

function offerPairing(session: ChatSession): void {
  session.refs = Array.from({ length: QR_REFS }, () => randomBytes(12).toString('base64url'));
  const refs = session.refs.map((ref) => node('ref', {}, Buffer.from(ref)));
  session.send(
    node('iq', { id: stanzaId('pair-device'), type: 'set', xmlns: 'md', from: S_WHATSAPP_NET }, [
      node('pair-device', {}, refs),
    ]),
  );
}

/** Finds the device of a login. The device must have paired under this number and must not have been logged out. */
function findAccount(context: ServerContext, login: HandshakeResult, user: string): Account | undefined {
  const known = context.accounts.find(login.deviceKey);
  if (!known && context.behaviour.unknown_devices !== 'refuse') {
    const contact = context.directory.resolve(`${user}@s.whatsapp.net`).contact;
    const device = login.payload.device ?? 0;
    const lid = context.directory.lidOf(contact);
    const account = context.accounts.prepare(login.deviceKey, { user, lid, device });
    account.keysAssumed = context.behaviour.unknown_devices === 'accept_with_keys';
    context.accounts.add(account);
    return account;
  }
  return known && !known.removed && known.user === user ? known : undefined;
}

/** Ends the older session of the same device with "replaced": a device has only one connection. */
function replaceOlder(context: ServerContext, session: ChatSession, account: Account): void {
  for (const older of context.sessions.ofDevice(account)) {
    if (older !== session) {
      older.streamError(undefined, node('conflict', { type: 'replaced' }));
    }
  }
}
