import { aesDecryptGCM, aesEncryptGCM, hkdf, NOISE_MODE, sha256 } from 'baileys';

const EMPTY = Buffer.alloc(0);

/** Returns the 12 byte nonce of the n-th message under one key: eight zero bytes and a big-endian counter. */
function nonce(counter: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(counter, 8);
  return iv;
}

/** The two traffic keys that the handshake produces, each with its own message counter. */
export interface NoiseTransport {
  seal(plaintext: Uint8Array): Buffer;
  /** Throws when the frame was not sealed with the client's key and counter. */
  open(ciphertext: Uint8Array): Buffer;
}

/**
 * The responder of a Noise XX handshake (`Noise_XX_25519_AESGCM_SHA256`), as in WhatsApp's chat servers.
 *
 * Baileys ships only the initiator. The symmetric state follows the Noise specification, section 5.2: a running hash
 * `h` over all handshake data, a chaining key, and a cipher key whose counter restarts whenever a key is mixed in.
 */
export class NoiseResponder {
  private hash: Buffer;
  private chainingKey: Buffer;
  private cipherKey: Buffer;
  private counter = 0;

  constructor(prologue: Uint8Array) {
    const name = Buffer.from(NOISE_MODE);
    this.hash = name.length === 32 ? name : Buffer.from(sha256(name));
    this.chainingKey = this.hash;
    this.cipherKey = this.hash;
    this.mixHash(prologue);
  }

  mixHash(data: Uint8Array): void {
    this.hash = Buffer.from(sha256(Buffer.concat([this.hash, data])));
  }

  mixKey(sharedSecret: Uint8Array): void {
    [this.chainingKey, this.cipherKey] = this.derive(sharedSecret);
    this.counter = 0;
  }

  encryptAndHash(plaintext: Uint8Array): Buffer {
    const ciphertext = aesEncryptGCM(plaintext, this.cipherKey, nonce(this.counter++), this.hash);
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decryptAndHash(ciphertext: Uint8Array): Buffer {
    const plaintext = aesDecryptGCM(ciphertext, this.cipherKey, nonce(this.counter++), this.hash);
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** Ends the handshake. The first derived key is for client to server, the second for server to client. */
  split(): NoiseTransport {
    const [fromClient, toClient] = this.derive(EMPTY);
    let sent = 0;
    let received = 0;
    return {
      seal: (plaintext) => aesEncryptGCM(plaintext, toClient, nonce(sent++), EMPTY),
      open: (ciphertext) => aesDecryptGCM(ciphertext, fromClient, nonce(received++), EMPTY),
    };
  }

  private derive(secret: Uint8Array): [Buffer, Buffer] {
    const okm = Buffer.from(hkdf(Buffer.from(secret), 64, { salt: this.chainingKey, info: '' }));
    return [okm.subarray(0, 32), okm.subarray(32)];
  }
}
