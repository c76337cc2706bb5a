import { createHmac } from 'node:crypto';

/**
 * The headers of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over `id.timestamp.body`.
 *
 * @param id stays the same when the event is sent again, so that the receiver can tell a repetition
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
