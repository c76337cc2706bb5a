import type { Colour } from './portrait.js';

/**
 * Encodes a lossless WebP (RFC 9649, section 3) of one colour. Each of the five prefix codes has a single symbol, so
 * that the pixels themselves take no bits.
 */
export function encodeSolidWebp(width: number, height: number, [red, green, blue]: Colour): Buffer {
  const bits: number[] = [];
  const write = (value: number, length: number) => {
    for (let i = 0; i < length; i++) {
      bits.push((value >> i) & 1);
    }
  };
  const singleSymbol = (symbol: number) => {
    write(1, 1); // simple code
    write(0, 1); // of one symbol
    write(1, 1); // of eight bits
    write(symbol, 8);
  };
  write(width - 1, 14);
  write(height - 1, 14);
  write(0, 1); // alpha is not used
  write(0, 3); // version
  write(0, 1); // no transform
  write(0, 1); // no colour cache
  write(0, 1); // one group of prefix codes
  [green, red, blue, 255, 0].forEach(singleSymbol);

  const data = Buffer.alloc(1 + Math.ceil(bits.length / 8));
  data.writeUInt8(0x2f, 0);
  bits.forEach((bit, i) => {
    const at = 1 + (i >> 3);
    data.writeUInt8(data.readUInt8(at) | (bit << (i & 7)), at);
  });
  const padded = data.length % 2 === 0 ? data : Buffer.concat([data, Buffer.alloc(1)]);
  const header = Buffer.alloc(20);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(12 + padded.length, 4);
  header.write('WEBPVP8L', 8, 'latin1');
  header.writeUInt32LE(data.length, 16);
  return Buffer.concat([header, padded]);
}
