import { createHash } from 'node:crypto';
import { jidUser } from '../directory/jids.js';
import type { PictureRef } from './links.js';

export type Colour = readonly [red: number, green: number, blue: number];

/** A picture made of flat squares of 8 by 8 pixels, the unit that JPEG compresses. */
export interface Mosaic {
  readonly columns: number;
  readonly rows: number;
  colourAt(column: number, row: number): Colour;
}

export const TILE_PIXELS = 8;
const IMAGE_TILES = 640 / TILE_PIXELS;
const PREVIEW_TILES = 96 / TILE_PIXELS;
const INK: Colour = [255, 255, 255];

/** Digits on a grid of 5 by 7, a row per number, the highest of five bits on the left. */
const DIGITS: readonly (readonly number[])[] = [
  [14, 17, 19, 21, 25, 17, 14],
  [4, 12, 4, 4, 4, 4, 14],
  [14, 17, 1, 2, 4, 8, 31],
  [31, 2, 4, 2, 1, 17, 14],
  [2, 6, 10, 18, 31, 2, 2],
  [31, 16, 30, 1, 1, 17, 14],
  [6, 8, 16, 30, 17, 17, 14],
  [31, 1, 2, 4, 8, 8, 8],
  [14, 17, 17, 14, 17, 17, 14],
  [14, 17, 17, 15, 1, 2, 12],
];
const DIGIT_WIDTH = 5;
const DIGIT_HEIGHT = 7;

/**
 * The photo of a contact: a gradient in colours of its own with the last digits of the number, and a bar per version
 * at the bottom. The same contact, version and type always give the same picture.
 */
export function portrait({ jid, version, type }: PictureRef): Mosaic {
  const seed = createHash('sha256').update(`${jid}/${version}`).digest();
  // Never brighter than 200, so that the white digits stay readable.
  const channel = (index: number) => seed.readUInt8(index) % 200;
  const from: Colour = [channel(0), channel(1), channel(2)];
  const to: Colour = [channel(3), channel(4), channel(5)];
  const tiles = type === 'image' ? IMAGE_TILES : PREVIEW_TILES;
  const text = jidUser(jid).slice(type === 'image' ? -4 : -2);
  const isInk = writing(text, tiles, type === 'image' ? 3 : 1);
  const bars = version % tiles;
  return {
    columns: tiles,
    rows: tiles,
    colourAt(column, row) {
      if (isInk(column, row) || (row === tiles - 1 && column < bars)) {
        return INK;
      }
      const share = (column + row) / (2 * tiles - 2);
      const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * share);
      return [mix(0), mix(1), mix(2)];
    },
  };
}

/** Whether a tile belongs to the text, which is centred, each dot of a digit being `scale` tiles wide. */
function writing(text: string, tiles: number, scale: number): (column: number, row: number) => boolean {
  const advance = (DIGIT_WIDTH + 1) * scale;
  const left = Math.floor((tiles - (text.length * advance - scale)) / 2);
  const top = Math.floor((tiles - DIGIT_HEIGHT * scale) / 2);
  return (column, row) => {
    const x = column - left;
    const y = row - top;
    if (x < 0 || y < 0 || y >= DIGIT_HEIGHT * scale) {
      return false;
    }
    const dots = DIGITS[Number(text[Math.floor(x / advance)])]?.[Math.floor(y / scale)] ?? 0;
    const dot = Math.floor((x % advance) / scale);
    return dot < DIGIT_WIDTH && ((dots >> (DIGIT_WIDTH - 1 - dot)) & 1) === 1;
  };
}
