import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BadBody, messageOf } from '../message.js';

const NOON = new Date('2026-11-22T12:00:00Z');
// The worker's EdgeFunctionMessagesTest sends this file through pgmq_public.send.
const sent = JSON.parse(readFileSync(new URL('./message.json', import.meta.url), 'utf8'));

test('a body becomes the message that the worker is tested with', () => {
  const { lead_id, phone, instance_id } = sent;

  assert.deepEqual(messageOf({ lead_id, phone, instance_id, unknown: 1 }, NOON), sent);
});

test('a lead may have a number for an id, and a link may come along', () => {
  const message = messageOf({ lead_id: 17, phone: '5562999212484', profile_pic_url: 'https://pps.whatsapp.net/a.jpg' }, NOON);

  assert.equal(message.lead_id, '17');
  assert.equal(message.profile_pic_url, 'https://pps.whatsapp.net/a.jpg');
  assert.equal(message.instance_id, null);
});

test('a body without a lead or a phone is refused, and says which', () => {
  assert.throws(() => messageOf({ phone: '5562999212484' }, NOON), (problem) => problem instanceof BadBody && /lead_id/.test(problem.message));
  assert.throws(() => messageOf({ lead_id: '1', phone: 'none' }, NOON), (problem) => problem instanceof BadBody && /phone/.test(problem.message));
});
