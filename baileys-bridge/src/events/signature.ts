import { createHmac } from 'node:crypto';

/**
 * Returns the headers of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.
 *
 * @param id equal for all attempts of an event, so that the receiver can recognise a repetition
 * @param timestampSeconds Unix time of this attempt
 */
export function sign(
  secret: Buffer,
  id: string,
  timestampSeconds: number,
  body: string,
): Record<string, string> {
  const mac = createHmac('sha256', secret).update(`${id}.${timestampSeconds}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': `v1,${mac}`,
  };
}
