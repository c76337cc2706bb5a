import { isLidUser, isPnUser, jidNormalizedUser } from 'baileys';

/** The address of a person: a phone (digits only) or a LID. */
export type ContactAddress =
  { readonly kind: 'phone'; readonly phone: string } | { readonly kind: 'lid'; readonly lid: string };

const PHONE = /^[1-9]\d{7,14}$/;

/** @param text digits with the usual decoration (`+55 62 99921-2484`) @returns undefined when it is not a phone */
export function parsePhone(text: string): ContactAddress | undefined {
  const digits = text.replace(/[\s()+.-]/g, '');
  return PHONE.test(digits) ? { kind: 'phone', phone: digits } : undefined;
}

/** @returns undefined for groups, status, newsletters and everything else that is not a person */
export function parseJid(text: string): ContactAddress | undefined {
  const jid = jidNormalizedUser(text.trim());
  if (isLidUser(jid) && /^\d{5,20}@/.test(jid)) return { kind: 'lid', lid: jid };
  return isPnUser(jid) ? parsePhone(jid.split('@')[0] ?? '') : undefined;
}

/**
 * Countries in which mobile numbers are written with or without one digit. The groups are the part before the digit,
 * the digit and the part after it. Brazilian numbers may leave out the ninth digit only if they had eight digits before
 * it was introduced, and no Brazilian area code has a zero. `PhoneNumber` in Java and `profile_pic.phone_variants` in
 * SQL have the same rule, and `phone-cases.json` has the test cases of all three.
 */
const OPTIONAL_DIGITS: readonly { readonly digit: string; readonly number: RegExp }[] = [
  { digit: '9', number: /^(55[1-9][1-9])(9?)([6-9]\d{7})$/ }, // Brazil
  { digit: '1', number: /^(52)(1?)(\d{10})$/ }, // Mexico
  { digit: '9', number: /^(54)(9?)(\d{10})$/ }, // Argentina
];

/** Returns the forms under which WhatsApp may know `phone`, `phone` first: old accounts keep their old form. */
export function phoneVariants(phone: string): string[] {
  for (const { digit, number } of OPTIONAL_DIGITS) {
    const [, before, written, behind] = number.exec(phone) ?? [];
    if (written !== undefined) return [phone, `${before}${written === '' ? digit : ''}${behind}`];
  }
  return [phone];
}
