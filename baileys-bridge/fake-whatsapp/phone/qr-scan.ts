import { Curve } from 'baileys';
import type { Account, Owner } from '../accounts.js';
import type { ServerContext } from '../context.js';
import { FakeWhatsAppError } from '../errors.js';
import { acceptCompanion } from './pairing.js';

/** The content of a linking QR code, as the phone reads it. */
interface QrContent {
  ref: string;
  identityKey: Buffer;
  advSecret: Buffer;
}

/**
 * Reads a QR text: a link with `reference,noise key,identity key,secret` and a platform after the `#`, or only the part
 * after the `#`.
 */
function parseQr(qr: string): QrContent | undefined {
  const [ref, , identityKey, advSecret] = (qr.split('#').pop() ?? '').split(',');
  if (!ref || !identityKey || !advSecret) {
    return undefined;
  }
  return {
    ref,
    identityKey: Buffer.from(identityKey, 'base64'),
    advSecret: Buffer.from(advSecret, 'base64'),
  };
}

/** Scans a QR code that a client shows, as the phone of `owner` does. Resolves when the device is paired. */
export async function scanQr(context: ServerContext, qr: string, owner: Owner): Promise<Account> {
  const content = parseQr(qr);
  if (!content) {
    throw new FakeWhatsAppError('invalid', 'qr', 'is not the text of a linking QR code');
  }
  const session = context.sessions.withRef(content.ref);
  if (!session) {
    throw new FakeWhatsAppError('not_found', 'qr', 'is not shown by any connected client (any more)');
  }
  return acceptCompanion(context.accounts, session, owner, content, Curve.generateKeyPair());
}
