import { expect, test } from 'vitest';
import { parseJid, parsePhone } from '../lookups/contact-address.js';

test.each([
  ['+55 (62) 99921-2484', { kind: 'phone', phone: '5562999212484' }],
  ['5562999212484', { kind: 'phone', phone: '5562999212484' }],
  ['0062999212484', undefined],
  ['1234567', undefined],
  ['1234567890123456', undefined],
  ['five', undefined],
  ['', undefined],
])('"%s" as phone is %j', (text, address) => {
  expect(parsePhone(text)).toEqual(address);
});

test.each([
  ['5562999212484@s.whatsapp.net', { kind: 'phone', phone: '5562999212484' }],
  ['5562999212484:3@s.whatsapp.net', { kind: 'phone', phone: '5562999212484' }],
  ['5562999212484@c.us', { kind: 'phone', phone: '5562999212484' }],
  ['98765432101234@lid', { kind: 'lid', lid: '98765432101234@lid' }],
  ['98765432101234:7@lid', { kind: 'lid', lid: '98765432101234@lid' }],
  ['120363000000000001@g.us', undefined],
  ['status@broadcast', undefined],
  ['120363000000000001@newsletter', undefined],
  ['nonsense', undefined],
])('"%s" as jid is %j', (text, address) => {
  expect(parseJid(text)).toEqual(address);
});
