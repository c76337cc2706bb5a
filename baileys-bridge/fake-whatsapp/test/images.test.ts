import { inflateSync } from 'node:zlib';
import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { cdnContent } from '../cdn/bodies.js';
import type { PictureRef } from '../cdn/links.js';
import { encodeJpeg } from '../cdn/jpeg.js';
import { type Colour, portrait } from '../cdn/portrait.js';

const picture = (changes: Partial<PictureRef> = {}): PictureRef => ({
  jid: '556299212484@s.whatsapp.net',
  version: 1,
  type: 'image',
  ...changes,
});

const bytesOf = (ref: PictureRef, body: Parameters<typeof cdnContent>[1] = 'jpeg') =>
  cdnContent(ref, body).bytes;

/** The colour of a pixel in the decoded JPEG. */
function pixel(ref: PictureRef, x: number, y: number): number[] {
  const { data, width } = jpeg.decode(bytesOf(ref));
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)];
}

describe('the JPEG of a contact', () => {
  it.each([
    ['image', 640],
    ['preview', 96],
  ] as const)('as %s can be decoded and has sides of %i', (type, side) => {
    const decoded = jpeg.decode(bytesOf(picture({ type })));

    expect([decoded.width, decoded.height]).toEqual([side, side]);
  });

  it('shows the colours that were painted, in every tile', () => {
    const ref = picture({ type: 'preview' });
    const mosaic = portrait(ref);
    for (let row = 0; row < mosaic.rows; row++) {
      for (let column = 0; column < mosaic.columns; column++) {
        const seen = pixel(ref, column * 8 + 4, row * 8 + 4);
        mosaic.colourAt(column, row).forEach((channel, i) => {
          expect(Math.abs((seen[i] ?? 0) - channel)).toBeLessThanOrEqual(3);
        });
      }
    }
  });

  it('is the same for the same contact and version, and another one else', () => {
    const bytes = bytesOf(picture());

    expect(bytesOf(picture())).toEqual(bytes);
    expect(bytesOf(picture({ version: 2 }))).not.toEqual(bytes);
    expect(bytesOf(picture({ jid: '556299212485@s.whatsapp.net' }))).not.toEqual(bytes);
  });

  it('can be decoded where its data looks like a marker', () => {
    const black: Colour = [0, 0, 0];
    const white: Colour = [255, 255, 255];
    const colourAt = (column: number, row: number) => ((column + row) % 2 === 0 ? black : white);

    const bytes = encodeJpeg({ columns: 40, rows: 40, colourAt });

    expect(bytes.includes(Buffer.from([0xff, 0]))).toBe(true);
    const { data, width } = jpeg.decode(bytes);
    for (const [column, row] of [
      [0, 0],
      [38, 39],
      [39, 39],
    ] as const) {
      const red = data[((row * 8 + 4) * width + column * 8 + 4) * 4] ?? -1;
      expect(Math.abs(red - colourAt(column, row)[0])).toBeLessThanOrEqual(3);
    }
  });

  it('can be decoded to its last tile for any contact', () => {
    for (let i = 0; i < 50; i++) {
      const ref = picture({ jid: `55119${10_000_000 + i * 7_919}@s.whatsapp.net` });
      const last = portrait(ref).colourAt(79, 79);
      pixel(ref, 636, 636).forEach((channel, c) => {
        expect(Math.abs(channel - (last[c] ?? 0))).toBeLessThanOrEqual(3);
      });
    }
  });
});

describe('other bodies', () => {
  it('PNG has a valid header and all its scan lines', () => {
    const { bytes, contentType } = cdnContent(picture(), 'png');
    const start = bytes.indexOf('IDAT') + 4;
    const length = bytes.readUInt32BE(start - 8);

    expect(contentType).toBe('image/png');
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([640, 640]);
    expect(inflateSync(bytes.subarray(start, start + length))).toHaveLength(640 * (1 + 640 * 3));
    // CRC-32 of the end chunk, the same in every PNG.
    expect(bytes.subarray(-4).toString('hex')).toBe('ae426082');
  });

  it('WebP is a lossless one whose header tells size and length', () => {
    const { bytes, contentType } = cdnContent(picture(), 'webp');
    const size = bytes.readUInt32LE(21);

    expect(contentType).toBe('image/webp');
    expect(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 16)).toBe('RIFFWEBPVP8L');
    expect(bytes.readUInt32LE(4)).toBe(bytes.length - 8);
    expect([(size & 0x3fff) + 1, ((size >> 14) & 0x3fff) + 1]).toEqual([640, 640]);
  });

  it('huge dimensions are claimed in the header only', () => {
    const bytes = bytesOf(picture(), 'huge_dimensions');
    const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));

    expect([bytes.readUInt16BE(frame + 5), bytes.readUInt16BE(frame + 7)]).toEqual([20_000, 20_000]);
    expect(bytes).toHaveLength(bytesOf(picture()).length);
  });

  it('too large is a photo with more than 5 MiB', () => {
    const bytes = bytesOf(picture(), 'too_large');

    expect(bytes.length).toBeGreaterThan(5 * 1024 * 1024);
    expect(bytes.subarray(0, 3).toString('hex')).toBe('ffd8ff');
  });

  it('truncated is the first half of the photo', () => {
    const whole = bytesOf(picture());
    const half = bytesOf(picture(), 'truncated');

    expect(half).toEqual(whole.subarray(0, half.length));
    expect(half.length).toBeLessThan(whole.length);
  });

  it('empty has no bytes, and what is no image says that it is one', () => {
    expect(bytesOf(picture(), 'empty')).toHaveLength(0);
    expect(cdnContent(picture(), 'not_an_image').contentType).toBe('image/jpeg');
  });
});
