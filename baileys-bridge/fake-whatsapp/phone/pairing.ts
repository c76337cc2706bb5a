import {
  Curve,
  getBinaryNodeChild,
  hmacSign,
  type KeyPair,
  proto,
  S_WHATSAPP_NET,
  WA_ADV_ACCOUNT_SIG_PREFIX,
} from 'baileys';
import { type Account, type Accounts, deviceJid, deviceLid, type Owner } from '../accounts.js';
import { FakeWhatsAppError } from '../errors.js';
import { node, stanzaId, unixSeconds } from '../wire/nodes.js';
import type { ChatSession } from '../wire/session.js';

export interface CompanionKeys {
  /** The companion's Signal identity public key. */
  identityKey: Buffer;
  /** The secret that companion and phone share; the phone proves its identity with this secret. */
  advSecret: Buffer;
}

/**
 * Accepts a companion device, as the phone does: the phone signs the device's identity, WhatsApp sends the signature as
 * `pair-success`, the companion countersigns, and must then connect again (515). Rejects when the companion refuses.
 *
 * @param phoneIdentity the phone's identity key pair
 */
export async function acceptCompanion(
  accounts: Accounts,
  session: ChatSession,
  owner: Owner,
  companion: CompanionKeys,
  phoneIdentity: KeyPair,
): Promise<Account> {
  const account = accounts.prepare(session.deviceKey, owner);
  const reply = await session.request(pairSuccess(account, companion, phoneIdentity));
  if (!getBinaryNodeChild(reply, 'pair-device-sign')) {
    throw new FakeWhatsAppError('conflict', 'qr', 'the device did not countersign its identity');
  }
  accounts.add(account);
  session.streamError('515');
  return account;
}

function pairSuccess(account: Account, companion: CompanionKeys, phoneIdentity: KeyPair) {
  const details = proto.ADVDeviceIdentity.encode({
    rawId: 1,
    timestamp: Number(unixSeconds()),
    keyIndex: account.device,
  }).finish();
  const signedPart = Buffer.concat([WA_ADV_ACCOUNT_SIG_PREFIX, details, companion.identityKey]);
  const identity = proto.ADVSignedDeviceIdentity.encode({
    details,
    accountSignatureKey: phoneIdentity.public,
    accountSignature: Curve.sign(phoneIdentity.private, signedPart),
  }).finish();
  const sealed = proto.ADVSignedDeviceIdentityHMAC.encode({
    details: identity,
    hmac: hmacSign(identity, companion.advSecret),
  }).finish();
  return node(
    'iq',
    { id: stanzaId('pair'), type: 'set', xmlns: 'md', from: S_WHATSAPP_NET, t: unixSeconds() },
    [
      node('pair-success', {}, [
        node('device-identity', {}, sealed),
        node('device', { jid: deviceJid(account), lid: deviceLid(account) }),
        node('platform', { name: 'android' }),
      ]),
    ],
  );
}
