/** A run of digits long enough to be a phone number, a jid's user or a LID. */
const PHONE = /\d{10,}/g;

/**
 * Replaces the middle of everything in `text` that could be a phone: `5562999212484` becomes `55629****2484`.
 * Masks too much rather than too little.
 */
export function maskPhones(text: string): string {
  return text.replace(PHONE, (digits) => `${digits.slice(0, 5)}****${digits.slice(-4)}`);
}
