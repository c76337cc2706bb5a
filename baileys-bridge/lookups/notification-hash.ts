import { createHash } from 'node:crypto';

/**
 * Returns the name that WhatsApp's notifications give a person who has no chat with us: the first three bytes of
 * md5(user + "WA_ADD_NOTIF") in base64. The hash cannot be reversed, and about one number in sixteen million shares it.
 */
export function hashOf(jid: string): string {
  const user = jid.split(/[:@]/, 1)[0] ?? '';
  return createHash('md5').update(`${user}WA_ADD_NOTIF`).digest().subarray(0, 3).toString('base64');
}
