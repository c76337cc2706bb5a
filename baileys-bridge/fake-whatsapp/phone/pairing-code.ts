import { randomBytes } from 'node:crypto';
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  type BinaryNode,
  Curve,
  derivePairingCodeKey,
  getBinaryNodeChildBuffer,
  hkdf,
  S_WHATSAPP_NET,
} from 'baileys';
import type { Account, Owner } from '../accounts.js';
import type { ServerContext } from '../context.js';
import { FakeWhatsAppError } from '../errors.js';
import { jidUser } from '../directory/jids.js';
import { type Answer, error, firstChild, node, result, stanzaId } from '../wire/nodes.js';
import type { ChatSession, CompanionFinish, PairingCodeOffer } from '../wire/session.js';
import { acceptCompanion, type CompanionKeys } from './pairing.js';

const bytes = (parent: BinaryNode, tag: string): Buffer =>
  Buffer.from(getBinaryNodeChildBuffer(parent, tag) ?? []);

/** Answers the two queries of a client that pairs by code; acknowledges all other queries of an unpaired client. */
export function answerPairingCodeStage(session: ChatSession, query: BinaryNode): Answer {
  const stage = firstChild(query);
  if (stage?.tag !== 'link_code_companion_reg') {
    return result();
  }
  if (stage.attrs['stage'] === 'companion_hello') {
    const ref = randomBytes(16);
    session.pairingCode = {
      phone: jidUser(stage.attrs['jid'] ?? '@'),
      ref,
      wrappedKey: bytes(stage, 'link_code_pairing_wrapped_companion_ephemeral_pub'),
    };
    return result(node('link_code_companion_reg', {}, [node('link_code_pairing_ref', {}, ref)]));
  }
  if (!session.pairingCode?.finish) {
    return error(400, 'bad-request');
  }
  session.pairingCode.finish({
    wrappedBundle: bytes(stage, 'link_code_pairing_wrapped_key_bundle'),
    identityKey: bytes(stage, 'companion_identity_public'),
  });
  return result();
}

/**
 * Enters the code that a client shows, as the owner of the phone does. Resolves when the device is paired.
 *
 * Both sides encrypt an ephemeral key under the code. From the two keys they derive a shared secret. Under this secret
 * the companion sends the phone the content that a QR code would have carried.
 */
export async function enterPairingCode(context: ServerContext, code: string, owner: Owner): Promise<Account> {
  const session = context.sessions.all().find((candidate) => candidate.pairingCode?.phone === owner.user);
  const offer = session?.pairingCode;
  if (!session || !offer) {
    throw new FakeWhatsAppError('not_found', 'phone', 'no connected client asked for a pairing code');
  }
  const identity = Curve.generateKeyPair();
  const ephemeral = Curve.generateKeyPair();
  const finished = new Promise<CompanionFinish>((resolve) => {
    offer.finish = resolve;
  });
  session.send(await primaryHello(offer, code, identity.public, ephemeral.public));
  const finish = await session.orClosed(finished);
  const companionEphemeral = await unwrapKey(offer.wrappedKey, code);
  const shared = Curve.sharedKey(ephemeral.private, companionEphemeral);
  const companion = openBundle(finish, shared, Curve.sharedKey(identity.private, finish.identityKey));
  if (!companion) {
    throw new FakeWhatsAppError('invalid', 'code', 'is not the code that the client shows');
  }
  return acceptCompanion(context.accounts, session, owner, companion, identity);
}

async function primaryHello(
  offer: PairingCodeOffer,
  code: string,
  identityKey: Uint8Array,
  ephemeralKey: Uint8Array,
): Promise<BinaryNode> {
  const salt = randomBytes(32);
  const iv = randomBytes(16);
  const wrapped = aesEncryptCTR(ephemeralKey, await derivePairingCodeKey(code, salt), iv);
  return node(
    'notification',
    { id: stanzaId('code'), type: 'link_code_companion_reg', from: S_WHATSAPP_NET },
    [
      node('link_code_companion_reg', { stage: 'primary_hello' }, [
        node('link_code_pairing_ref', {}, offer.ref),
        node('primary_identity_pub', {}, identityKey),
        node('link_code_pairing_wrapped_primary_ephemeral_pub', {}, Buffer.concat([salt, iv, wrapped])),
      ]),
    ],
  );
}

async function unwrapKey(wrapped: Buffer, code: string): Promise<Buffer> {
  const key = await derivePairingCodeKey(code, wrapped.subarray(0, 32));
  return aesDecryptCTR(wrapped.subarray(48, 80), key, wrapped.subarray(32, 48));
}

/** Opens the companion's key bundle. Returns undefined when the secrets differ, because then the codes differ. */
function openBundle(
  { wrappedBundle, identityKey }: CompanionFinish,
  shared: Buffer,
  identityShared: Buffer,
): CompanionKeys | undefined {
  const salt = wrappedBundle.subarray(0, 32);
  const key = Buffer.from(hkdf(shared, 32, { salt, info: 'link_code_pairing_key_bundle_encryption_key' }));
  try {
    const iv = wrappedBundle.subarray(32, 44);
    const bundle = aesDecryptGCM(wrappedBundle.subarray(44), key, iv, Buffer.alloc(0));
    const random = bundle.subarray(64, 96);
    const secret = hkdf(Buffer.concat([shared, identityShared, random]), 32, { info: 'adv_secret' });
    return { identityKey, advSecret: Buffer.from(secret) };
  } catch {
    return undefined;
  }
}
