import { NOISE_WA_HEADER } from 'baileys';

/** Prefixes a payload with its length in three big-endian bytes. */
export function frame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntBE(payload.length, 0, 3);
  return Buffer.concat([header, payload]);
}

/**
 * Cuts the client's byte stream into frames.
 *
 * The stream opens with an optional edge-routing prefix (`ED`, two version bytes, a three byte length and the routing
 * info that the server gave out at the last login), then WhatsApp's header `WA` and two version bytes.
 */
export class FrameReader {
  private buffer: Buffer = Buffer.alloc(0);
  private introduced = false;
  /** The routing info of an earlier login, if the client sent it back. */
  routingInfo: Buffer | undefined;

  /** Adds bytes and yields every complete frame. Throws when the stream does not begin as described. */
  *read(bytes: Buffer): Generator<Buffer> {
    this.buffer = this.buffer.length === 0 ? bytes : Buffer.concat([this.buffer, bytes]);
    if (!this.introduced && !this.readIntroduction()) {
      return;
    }
    while (this.buffer.length >= 3) {
      const length = this.buffer.readUIntBE(0, 3);
      if (this.buffer.length < 3 + length) {
        return;
      }
      const payload = this.buffer.subarray(3, 3 + length);
      this.buffer = this.buffer.subarray(3 + length);
      yield payload;
    }
  }

  private readIntroduction(): boolean {
    let offset = 0;
    if (this.buffer.subarray(0, 2).toString('latin1') === 'ED') {
      if (this.buffer.length < 7) {
        return false;
      }
      offset = 7 + this.buffer.readUIntBE(4, 3);
    }
    if (this.buffer.length < offset + NOISE_WA_HEADER.length) {
      return false;
    }
    const header = this.buffer.subarray(offset, offset + NOISE_WA_HEADER.length);
    if (!header.equals(NOISE_WA_HEADER)) {
      throw new Error('not a WhatsApp stream');
    }
    if (offset > 0) {
      this.routingInfo = this.buffer.subarray(7, offset);
    }
    this.buffer = this.buffer.subarray(offset + NOISE_WA_HEADER.length);
    this.introduced = true;
    return true;
  }
}
