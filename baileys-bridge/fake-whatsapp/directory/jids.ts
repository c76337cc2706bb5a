import { jidDecode } from 'baileys';

export type JidServer = 's.whatsapp.net' | 'lid' | 'g.us';
const SERVERS: readonly string[] = ['s.whatsapp.net', 'lid', 'g.us'] satisfies JidServer[];

/**
 * Returns the address of a person or group without its device: `556299212484@s.whatsapp.net`. Digits alone, with or
 * without a plus, are a phone number. Undefined for any other text.
 */
export function bareJid(phoneOrJid: string): string | undefined {
  const text = phoneOrJid.trim();
  if (/^\+?\d{5,18}$/.test(text)) {
    return `${text.replace('+', '')}@s.whatsapp.net`;
  }
  const parts = jidDecode(text);
  if (!parts || !SERVERS.includes(parts.server) || !/^\d{5,18}$/.test(parts.user)) {
    return undefined;
  }
  return `${parts.user}@${parts.server}`;
}

export const jidUser = (jid: string): string => jid.slice(0, jid.indexOf('@'));
export const jidServer = (jid: string): string => jid.slice(jid.indexOf('@') + 1);

/** Returns the device number in an address, if it has one: 7 in `5511900000001:7@s.whatsapp.net`. */
export const deviceOf = (jid: string): number | undefined => jidDecode(jid)?.device;
