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

/** The digits on a grid of 5 by 7. Each number is a row, with the highest of five bits on the left. */
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

const SKIN: readonly Colour[] = [
  [241, 201, 165],
  [224, 172, 126],
  [198, 134, 66],
  [141, 85, 36],
  [255, 219, 172],
  [166, 106, 58],
];
const HAIR: readonly Colour[] = [
  [43, 27, 18],
  [74, 47, 27],
  [17, 17, 17],
  [122, 74, 34],
  [184, 138, 74],
  [107, 107, 107],
];
const CLOTHES: readonly Colour[] = [
  [47, 111, 143],
  [143, 74, 94],
  [62, 122, 92],
  [106, 90, 168],
  [194, 124, 44],
  [69, 86, 107],
];
const EYES: Colour = [42, 42, 42];
const MOUTH: Colour = [156, 63, 58];

/**
 * Draws the photo of a contact: an invented face before a gradient in the contact's colours, and a bar per version at
 * the bottom. Previews are too small for a face and show the last digits of the number. The same contact, version and
 * type always give the same picture.
 */
export function portrait({ jid, version, type }: PictureRef): Mosaic {
  const seed = createHash('sha256').update(`${jid}/${version}`).digest();
  // Never brighter than 200, so that the drawing stands out.
  const channel = (index: number) => seed.readUInt8(index) % 200;
  const from: Colour = [channel(0), channel(1), channel(2)];
  const to: Colour = [channel(3), channel(4), channel(5)];
  const tiles = type === 'image' ? IMAGE_TILES : PREVIEW_TILES;
  const drawn = type === 'image' ? face(seed) : text(jidUser(jid).slice(-2), tiles);
  const bars = version % tiles;
  return {
    columns: tiles,
    rows: tiles,
    colourAt(column, row) {
      const ink = row === tiles - 1 && column < bars ? INK : drawn(column, row);
      if (ink) {
        return ink;
      }
      const share = (column + row) / (2 * tiles - 2);
      const mix = (i: 0 | 1 | 2) => Math.round(from[i] + (to[i] - from[i]) * share);
      return [mix(0), mix(1), mix(2)];
    },
  };
}

type Drawing = (column: number, row: number) => Colour | undefined;

/** Draws head and shoulders on a grid of 80 by 80. */
function face(seed: Buffer): Drawing {
  const one = (colours: readonly Colour[], index: number): Colour =>
    colours[seed.readUInt8(index) % colours.length] ?? INK;
  const [skin, hair, clothes] = [one(SKIN, 6), one(HAIR, 7), one(CLOTHES, 8)];
  const long = seed.readUInt8(9) % 2 === 0;
  const within = (column: number, row: number, x: number, y: number, width: number, height: number) =>
    ((column - x) / width) ** 2 + ((row - y) / height) ** 2 <= 1;
  return (column, row) => {
    if (row >= 32 && row <= 35 && (Math.abs(column - 34) <= 1 || Math.abs(column - 46) <= 1)) return EYES;
    if (row >= 45 && row <= 46 && Math.abs(column - 40) <= 5 - (row - 45) * 2) return MOUTH;
    if (row < 28 && within(column, row, 40, 30, 17, 18)) return hair;
    if (within(column, row, 40, 36, 14, 18)) return skin;
    if (long && row < 62 && within(column, row, 40, 40, 20, 26)) return hair;
    if (row < 64 && row > 48 && Math.abs(column - 40) <= 5) return skin;
    return within(column, row, 40, 84, 30, 26) ? clothes : undefined;
  };
}

/** Draws digits in white. */
function text(digits: string, tiles: number): Drawing {
  const isInk = writing(digits, tiles, 1);
  return (column, row) => (isInk(column, row) ? INK : undefined);
}

/** Returns a function that says whether a tile is in the centred text. A dot of a digit is `scale` tiles wide. */
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
