// What the queue profile_pic_queue takes. Plain JavaScript, so that Deno and Node run the same file.

/** Why a body cannot be enqueued: answered 400, with the field that is wrong. */
export class BadBody extends Error {}

const text = (body, field) => (typeof body[field] === 'string' ? body[field].trim() : '');

/**
 * The message for a body that names a lead and its phone.
 *
 * @param {Record<string, unknown>} body lead_id (string or number) and phone; instance_id and profile_pic_url where they are known
 * @param {Date} now when the photo was asked for: of two messages for a lead the newer one counts
 * @throws {BadBody} when lead_id or phone is missing
 */
export function messageOf(body, now) {
  const leadId = typeof body.lead_id === 'number' ? String(body.lead_id) : text(body, 'lead_id');
  const phone = text(body, 'phone');
  if (leadId === '') throw new BadBody('lead_id is missing: the id of the row in your table of leads');
  if (!/\d{8}/.test(phone.replace(/\D/g, ''))) throw new BadBody('phone is missing or no phone number');
  return {
    lead_id: leadId,
    phone,
    // A link of WhatsApp's that is still good saves a lookup. Anything else is looked up.
    profile_pic_url: text(body, 'profile_pic_url') || null,
    // Without one the lead's own instance column decides.
    instance_id: text(body, 'instance_id') || null,
    timestamp: now.toISOString(),
    retry_count: 0,
    sync_type: 'webhook',
  };
}
