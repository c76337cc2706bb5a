import { type Colour, type Mosaic, TILE_PIXELS } from './portrait.js';

/** Code lengths and symbols of the DC table that ITU-T T.81, table K.3, proposes: categories 0 to 11. */
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_SYMBOLS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
/** The AC table. A flat tile uses only the symbol "end of block"; the second symbol is there to satisfy decoders. */
const AC_COUNTS = [1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const AC_SYMBOLS = [0x00, 0xf0];
const END_OF_BLOCK = { code: 0, length: 1 };
/** With a divisor of 8 the DC coefficient of a flat tile is its sample value minus 128. */
const QUANTISER = 8;

/**
 * Encodes a mosaic as baseline JPEG (ITU-T T.81, JFIF), three components without subsampling. As every tile is flat,
 * each of its blocks is one DC coefficient; this needs no cosine transform and takes well under a millisecond.
 */
export function encodeJpeg(mosaic: Mosaic): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, [...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    segment(0xdb, [0, ...new Array<number>(64).fill(QUANTISER)]),
    frameHeader(mosaic.columns * TILE_PIXELS, mosaic.rows * TILE_PIXELS),
    segment(0xc4, [0x00, ...DC_COUNTS, ...DC_SYMBOLS]),
    segment(0xc4, [0x10, ...AC_COUNTS, ...AC_SYMBOLS]),
    segment(0xda, [3, 1, 0x00, 2, 0x00, 3, 0x00, 0, 63, 0]),
    entropyCoded(mosaic),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Returns a JPEG whose header claims other dimensions than its data has, for readers that trust headers. */
export function withClaimedSize(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const frame = copy.indexOf(Buffer.from([0xff, 0xc0]));
  copy.writeUInt16BE(height, frame + 5);
  copy.writeUInt16BE(width, frame + 7);
  return copy;
}

function segment(marker: number, body: readonly number[]): Buffer {
  const length = body.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 0xff, ...body]);
}

function frameHeader(width: number, height: number): Buffer {
  const component = (id: number) => [id, 0x11, 0];
  return segment(0xc0, [
    8,
    height >> 8,
    height & 0xff,
    width >> 8,
    width & 0xff,
    3,
    ...component(1),
    ...component(2),
    ...component(3),
  ]);
}

interface Code {
  code: number;
  length: number;
}

/** Returns canonical Huffman codes in the order of the symbols (T.81, annex C). */
function huffmanCodes(counts: readonly number[]): Code[] {
  const codes: Code[] = [];
  let code = 0;
  counts.forEach((count, index) => {
    for (let i = 0; i < count; i++) {
      codes.push({ code: code++, length: index + 1 });
    }
    code <<= 1;
  });
  return codes;
}

const DC_CODES = huffmanCodes(DC_COUNTS);

function entropyCoded(mosaic: Mosaic): Buffer {
  const bits = new BitWriter();
  const previous = [0, 0, 0];
  for (let row = 0; row < mosaic.rows; row++) {
    for (let column = 0; column < mosaic.columns; column++) {
      toYCbCr(mosaic.colourAt(column, row)).forEach((sample, component) => {
        const coefficient = sample - 128;
        writeDcDifference(bits, coefficient - (previous[component] ?? 0));
        bits.write(END_OF_BLOCK.code, END_OF_BLOCK.length);
        previous[component] = coefficient;
      });
    }
  }
  return bits.finish();
}

/** Writes a difference: its category (its number of bits), then the bits; negative values are ones' complement. */
function writeDcDifference(bits: BitWriter, difference: number): void {
  const category = 32 - Math.clz32(Math.abs(difference));
  const { code, length } = DC_CODES[category] as Code;
  bits.write(code, length);
  bits.write(difference < 0 ? difference + (1 << category) - 1 : difference, category);
}

function toYCbCr([r, g, b]: Colour): [number, number, number] {
  return [
    clamp(0.299 * r + 0.587 * g + 0.114 * b),
    clamp(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
    clamp(128 + 0.5 * r - 0.418688 * g - 0.081312 * b),
  ];
}

const clamp = (value: number): number => Math.min(255, Math.max(0, Math.round(value)));

class BitWriter {
  private readonly bytes: number[] = [];
  private pending = 0;
  private count = 0;

  write(value: number, length: number): void {
    this.pending = (this.pending << length) | value;
    this.count += length;
    while (this.count >= 8) {
      this.count -= 8;
      this.push((this.pending >> this.count) & 0xff);
    }
    this.pending &= (1 << this.count) - 1;
  }

  /** Fills the last byte with ones, as the standard requires. */
  finish(): Buffer {
    if (this.count > 0) {
      const free = 8 - this.count;
      this.push(((this.pending << free) | ((1 << free) - 1)) & 0xff);
    }
    return Buffer.from(this.bytes);
  }

  /** Adds a byte. A zero follows a data byte of 0xff, so that decoders do not read it as a marker. */
  private push(byte: number): void {
    this.bytes.push(byte);
    if (byte === 0xff) {
      this.bytes.push(0);
    }
  }
}
