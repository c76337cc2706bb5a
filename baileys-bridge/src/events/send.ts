import type { Clock } from '../../lookups/clock.js';
import { sign } from './signature.js';

const TIMEOUT_MS = 5_000;

/** The status codes that say that the event itself is wrong; any other failure may be temporary. */
const REFUSALS = new Set([400, 413, 415, 422]);

export type SendResult =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string; readonly retryAfterSeconds?: number };

/** Makes one attempt to send an event; aborts it when `cutOff` aborts. Never throws. */
export type Send = (eventId: string, body: string, cutOff: AbortSignal) => Promise<SendResult>;

/** @param receiverUrl without a slash at the end; events go to its `/webhooks/baileys` */
export function createSend(receiverUrl: string, secret: Buffer, clock: Clock): Send {
  return async (eventId, body, cutOff) => {
    const signature = sign(secret, eventId, Math.floor(clock.now() / 1_000), body);
    const over = new AbortController();
    const end = () => over.abort();
    const cancel = clock.schedule(end, TIMEOUT_MS);
    cutOff.addEventListener('abort', end);
    try {
      const response = await fetch(`${receiverUrl}/webhooks/baileys`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signature },
        body,
        redirect: 'manual',
        signal: over.signal,
      });
      await response.body?.cancel();
      return classify(response);
    } catch (err) {
      return { kind: 'failed', why: err instanceof Error ? err.message : 'unknown' };
    } finally {
      cancel();
      cutOff.removeEventListener('abort', end);
    }
  };
}

function classify(response: Response): SendResult {
  const why = `HTTP ${response.status}`;
  if (response.ok) return { kind: 'delivered' };
  if (REFUSALS.has(response.status)) return { kind: 'refused', why };
  const retryAfter = Number(response.headers.get('retry-after'));
  return { kind: 'failed', why, ...(retryAfter > 0 && { retryAfterSeconds: retryAfter }) };
}
