import { deflateSync } from 'node:zlib';
import { type Mosaic, TILE_PIXELS } from './portrait.js';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const TRUECOLOUR = 2;

/** Encodes a mosaic as PNG (W3C PNG, 8 bit RGB, no filters). */
export function encodePng(mosaic: Mosaic): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(mosaic.columns * TILE_PIXELS, 0);
  header.writeUInt32BE(mosaic.rows * TILE_PIXELS, 4);
  header.writeUInt8(8, 8);
  header.writeUInt8(TRUECOLOUR, 9);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(scanlines(mosaic))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function scanlines(mosaic: Mosaic): Buffer {
  const lines: Buffer[] = [];
  for (let row = 0; row < mosaic.rows; row++) {
    const pixels = [0]; // filter type "none"
    for (let column = 0; column < mosaic.columns; column++) {
      const colour = mosaic.colourAt(column, row);
      for (let i = 0; i < TILE_PIXELS; i++) {
        pixels.push(...colour);
      }
    }
    lines.push(...new Array<Buffer>(TILE_PIXELS).fill(Buffer.from(pixels)));
  }
  return Buffer.concat(lines);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}
