/**
 * Returns the time when a link of WhatsApp's CDN expires: its parameter `oe` holds Unix seconds in hexadecimal.
 *
 * @returns ISO 8601, or null when the link has no such time
 */
export function expiryOf(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const oe = new URL(url).searchParams.get('oe');
  if (oe === null || !/^[0-9a-f]{1,10}$/i.test(oe)) return null;
  return new Date(Number.parseInt(oe, 16) * 1_000).toISOString();
}
