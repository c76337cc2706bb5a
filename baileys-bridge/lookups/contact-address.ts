import { isLidUser, isPnUser, jidNormalizedUser } from 'baileys';

/** The person of a question: by phone (digits only) or by LID. */
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
 * The numbers under which WhatsApp may know `phone`, itself first. Countries that changed their mobile numbers kept
 * old accounts under the old form: Brazil's ninth digit (55 DD 9XXXXXXXX), Mexico's 1 (52 1 …), Argentina's 9 (54 9 …).
 */
export function phoneVariants(phone: string): string[] {
  const variant = brazil(phone) ?? mexico(phone) ?? argentina(phone);
  return variant === undefined ? [phone] : [phone, variant];
}

function brazil(phone: string): string | undefined {
  const long = /^(55[1-9]\d)9([6-9]\d{7})$/.exec(phone);
  if (long) return `${long[1]}${long[2]}`;
  const short = /^(55[1-9]\d)([6-9]\d{7})$/.exec(phone);
  return short ? `${short[1]}9${short[2]}` : undefined;
}

function mexico(phone: string): string | undefined {
  const long = /^521(\d{10})$/.exec(phone);
  if (long) return `52${long[1]}`;
  const short = /^52(\d{10})$/.exec(phone);
  return short ? `521${short[1]}` : undefined;
}

function argentina(phone: string): string | undefined {
  const long = /^549(\d{10})$/.exec(phone);
  if (long) return `54${long[1]}`;
  const short = /^54(\d{10})$/.exec(phone);
  return short ? `549${short[1]}` : undefined;
}
