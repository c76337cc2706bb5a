import { jidDecode } from 'baileys';

export type JidServer = 's.whatsapp.net' | 'lid' | 'g.us';
const SERVERS: readonly string[] = ['s.whatsapp.net', 'lid', 'g.us'] satisfies JidServer[];

/**
 * A person's or group's address without its device: `556299212484@s.whatsapp.net`. Digits alone, with or without a
 * plus, mean a phone number. Undefined for a text that is no such address.
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

/** The device number that an address names, if it does: 7 in `5511900000001:7@s.whatsapp.net`. */
export const deviceOf = (jid: string): number | undefined => jidDecode(jid)?.device;
