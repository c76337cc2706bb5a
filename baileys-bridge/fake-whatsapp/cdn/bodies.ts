import type { CdnBody } from '../directory/contact.js';
import { encodeJpeg, withClaimedSize } from './jpeg.js';
import type { PictureRef } from './links.js';
import { encodePng } from './png.js';
import { portrait, TILE_PIXELS } from './portrait.js';
import { encodeSolidWebp } from './webp.js';

export interface CdnContent {
  bytes: Buffer;
  contentType: string;
}

/** More than the 5 MiB that a careful client accepts. */
const TOO_LARGE_BYTES = 6 * 1024 * 1024;
const HUGE_PIXELS = 20_000;

/** Returns the response of the CDN for a photo. The same photo and body always give the same bytes. */
export function cdnContent(picture: PictureRef, body: CdnBody): CdnContent {
  const mosaic = portrait(picture);
  const jpeg = (bytes: Buffer): CdnContent => ({ bytes, contentType: 'image/jpeg' });
  switch (body) {
    case 'jpeg':
      return jpeg(encodeJpeg(mosaic));
    case 'png':
      return { bytes: encodePng(mosaic), contentType: 'image/png' };
    case 'webp': {
      const side = mosaic.columns * TILE_PIXELS;
      return { bytes: encodeSolidWebp(side, side, mosaic.colourAt(0, 0)), contentType: 'image/webp' };
    }
    case 'not_an_image':
      // A proxy's error page, labelled as the requested image.
      return jpeg(Buffer.from('<!DOCTYPE html><html><body>Sorry, something went wrong.</body></html>\n'));
    case 'too_large': {
      const bytes = Buffer.alloc(TOO_LARGE_BYTES);
      encodeJpeg(mosaic).copy(bytes);
      return jpeg(bytes);
    }
    case 'huge_dimensions':
      return jpeg(withClaimedSize(encodeJpeg(mosaic), HUGE_PIXELS, HUGE_PIXELS));
    case 'truncated': {
      const whole = encodeJpeg(mosaic);
      return jpeg(whole.subarray(0, Math.floor(whole.length / 2)));
    }
    case 'empty':
      return jpeg(Buffer.alloc(0));
  }
}
