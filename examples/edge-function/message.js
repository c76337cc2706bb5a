// Creates the messages of the queue profile_pic_queue. It is plain JavaScript, so that Deno and Node run the same file.

/** The reason why a body cannot be enqueued. The response is 400 with the wrong field. */
export class BadBody extends Error {}

const text = (body, field) => (typeof body[field] === 'string' ? body[field].trim() : '');

/**
 * Creates the message for a body with a lead and its phone.
 *
 * @param {Record<string, unknown>} body lead_id (string or number) and phone; instance_id and profile_pic_url if they are known
 * @param {Date} now the time of the request: of two messages for a lead, the newer message counts
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
    // A valid link from WhatsApp saves a lookup. Any other value leads to a lookup.
    profile_pic_url: text(body, 'profile_pic_url') || null,
    // Without an instance, the lead's own instance column decides.
    instance_id: text(body, 'instance_id') || null,
    timestamp: now.toISOString(),
    retry_count: 0,
    sync_type: 'webhook',
  };
}
