/**
 * Other ways to write the same subscriber's number, each of which WhatsApp may have registered.
 *
 * Brazil (55): mobile numbers got a ninth digit in 2012-2016, accounts registered before keep eight.
 * Mexico (52) and Argentina (54): a `1` or `9` after the country code marks mobiles and is dropped or kept.
 */
export function phoneVariants(phone: string): string[] {
  const brazilNine = /^55(\d{2})9(\d{8})$/.exec(phone);
  if (brazilNine) return [`55${brazilNine[1]}${brazilNine[2]}`];
  const brazilEight = /^55(\d{2})([6-9]\d{7})$/.exec(phone);
  if (brazilEight) return [`55${brazilEight[1]}9${brazilEight[2]}`];
  const mexico = /^52(1?)(\d{10})$/.exec(phone);
  if (mexico) return [mexico[1] ? `52${mexico[2]}` : `521${mexico[2]}`];
  const argentina = /^54(9?)(\d{10})$/.exec(phone);
  if (argentina) return [argentina[1] ? `54${argentina[2]}` : `549${argentina[2]}`];
  return [];
}
