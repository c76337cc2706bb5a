const SIGNATURES: readonly [contentType: string, offset: number, bytes: Buffer][] = [
  ['image/jpeg', 0, Buffer.from([0xff, 0xd8, 0xff])],
  ['image/png', 0, Buffer.from([0x89, 0x50, 0x4e, 0x47])],
  ['image/webp', 8, Buffer.from('WEBP')],
];

/** Returns the content type of an image by its first bytes; undefined for any other content. */
export function imageTypeOf(bytes: Uint8Array): string | undefined {
  return SIGNATURES.find(([, offset, signature]) =>
    signature.equals(bytes.subarray(offset, offset + signature.length)),
  )?.[0];
}
