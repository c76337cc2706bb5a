import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const VERSION = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/**
 * The stored value cannot be decrypted: it is damaged, or another key was used. This error never leads to new
 * credentials.
 */
export class UnreadableCredentialsError extends Error {}

export interface Cipher {
  /** @param context says where the value belongs; the value cannot be opened in another context */
  seal(plain: string, context: string): Buffer;
  /** @throws UnreadableCredentialsError */
  open(sealed: Buffer, context: string): string;
}

/**
 * AES-256-GCM. A sealed value is: version (1 byte), key id (4, the start of the key's SHA-256), nonce (12, random),
 * tag (16), ciphertext. The context is authenticated too, so the values of two rows cannot be swapped.
 */
export function createCipher(key: Buffer): Cipher {
  const keyId = createHash('sha256').update(key).digest().subarray(0, KEY_ID_BYTES);
  return {
    seal(plain, context) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
      return Buffer.concat([Buffer.of(VERSION), keyId, nonce, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      if (sealed[0] !== VERSION || sealed.length < HEADER_BYTES + TAG_BYTES) {
        throw new UnreadableCredentialsError('stored credentials are damaged');
      }
      if (!sealed.subarray(1, 1 + KEY_ID_BYTES).equals(keyId)) {
        throw new UnreadableCredentialsError(
          'stored credentials were encrypted with another key: set BRIDGE_ENCRYPTION_KEY to the one they were written with',
        );
      }
      const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
      const tag = sealed.subarray(HEADER_BYTES, HEADER_BYTES + TAG_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(context))
        .setAuthTag(tag);
      try {
        const body = decipher.update(sealed.subarray(HEADER_BYTES + TAG_BYTES));
        return Buffer.concat([body, decipher.final()]).toString('utf8');
      } catch {
        throw new UnreadableCredentialsError('stored credentials are damaged');
      }
    },
  };
}
