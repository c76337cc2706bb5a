import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { type JidServer, jidServer, jidUser } from '../directory/jids.js';

export type PictureType = 'image' | 'preview';

/** One photo of one contact in one size. */
export interface PictureRef {
  jid: string;
  version: number;
  type: PictureType;
}

export type LinkVerdict =
  { kind: 'valid'; picture: PictureRef } | { kind: 'forbidden' } | { kind: 'unknown' };

const SERVERS: readonly JidServer[] = ['s.whatsapp.net', 'lid', 'g.us'];
const MAGIC = 0x5741;
const PREVIEW_TRANSFORM = 'dst-jpg_s96x96_tt6';

/**
 * Makes and checks links of the shape that WhatsApp's CDN has: an opaque id, `oe` (expiry, hex Unix seconds) and `oh`
 * (signature). The id is the encrypted reference, so that links need no memory, survive a restart with the same secret,
 * and never show a phone number.
 */
export class CdnLinks {
  private readonly cipherKey: Buffer;

  /** @param secret at least 32 bytes; the first 16 bytes encrypt ids, all bytes sign */
  constructor(private readonly secret: Buffer) {
    this.cipherKey = secret.subarray(0, 16);
  }

  /** @param expiresAt Unix seconds */
  path(picture: PictureRef, expiresAt: number): string {
    const id = this.encryptId(picture);
    const oe = Math.floor(expiresAt).toString(16).toUpperCase();
    const transform = picture.type === 'preview' ? `stp=${PREVIEW_TRANSFORM}&` : '';
    return `/v/t61.24694-24/${id}_n.jpg?${transform}ccb=11-4&oh=${this.sign(id, oe)}&oe=${oe}&_nc_sid=5e03e0&_nc_cat=101`;
  }

  /** @param nowSeconds Unix seconds */
  check(
    fileName: string,
    query: { oe?: string | undefined; oh?: string | undefined },
    nowSeconds: number,
  ): LinkVerdict {
    const id = /^([0-9a-f]{32})_n\.jpg$/.exec(fileName)?.[1];
    const picture = id === undefined ? undefined : this.decryptId(id);
    if (id === undefined || !picture) {
      return { kind: 'unknown' };
    }
    const { oe, oh } = query;
    if (oe === undefined || oh === undefined || !/^[0-9A-Fa-f]{1,10}$/.test(oe)) {
      return { kind: 'forbidden' };
    }
    const expected = Buffer.from(this.sign(id, oe));
    const given = Buffer.from(oh);
    const signed = given.length === expected.length && timingSafeEqual(given, expected);
    return signed && Number.parseInt(oe, 16) > nowSeconds
      ? { kind: 'valid', picture }
      : { kind: 'forbidden' };
  }

  private sign(id: string, oe: string): string {
    const mac = createHmac('sha256', this.secret).update(`${id}.${oe}`).digest('base64url');
    return `01_${mac.slice(0, 36)}`;
  }

  private encryptId({ jid, version, type }: PictureRef): string {
    const block = Buffer.alloc(16);
    block.writeBigUInt64BE(BigInt(jidUser(jid)), 0);
    block.writeUInt32BE(version, 8);
    block.writeUInt8(type === 'preview' ? 1 : 0, 12);
    block.writeUInt8(SERVERS.indexOf(jidServer(jid) as JidServer), 13);
    block.writeUInt16BE(MAGIC, 14);
    const cipher = createCipheriv('aes-128-ecb', this.cipherKey, null).setAutoPadding(false);
    return Buffer.concat([cipher.update(block), cipher.final()]).toString('hex');
  }

  private decryptId(id: string): PictureRef | undefined {
    const decipher = createDecipheriv('aes-128-ecb', this.cipherKey, null).setAutoPadding(false);
    const block = Buffer.concat([decipher.update(Buffer.from(id, 'hex')), decipher.final()]);
    const server = SERVERS[block.readUInt8(13)];
    if (block.readUInt16BE(14) !== MAGIC || server === undefined) {
      return undefined;
    }
    return {
      jid: `${block.readBigUInt64BE(0)}@${server}`,
      version: block.readUInt32BE(8),
      type: block.readUInt8(12) === 1 ? 'preview' : 'image',
    };
  }
}
