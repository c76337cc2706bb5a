import type { InstanceState } from '../instances/state.js';

export const pictureTypes = ['image', 'preview'] as const;
export type PictureType = (typeof pictureTypes)[number];

/** What became of one question; the names are those of the HTTP API. */
export type LookupOutcome =
  | {
      readonly status: 'found';
      readonly url: string;
      /** Changes whenever the picture does. */
      readonly picture_id: string;
      /** Under which jid WhatsApp knows the contact. */
      readonly jid: string;
      /** When the link dies, ISO 8601; null when it does not say. */
      readonly expires_at: string | null;
    }
  | { readonly status: 'not_set'; readonly jid: string }
  | { readonly status: 'hidden'; readonly jid: string }
  | { readonly status: 'not_on_whatsapp' }
  /** WhatsApp refuses the question itself; asking again gives the same answer. */
  | { readonly status: 'bad_request' }
  | {
      readonly status: 'throttled';
      readonly reason: 'whatsapp' | 'queue_full';
      readonly retryAfterSeconds: number;
    }
  | { readonly status: 'no_answer'; readonly reason: string }
  | { readonly status: 'disconnected'; readonly state: InstanceState | 'stopping' };

/** The outcomes' names, for metrics. */
export const lookupStatuses = [
  'found',
  'not_set',
  'hidden',
  'not_on_whatsapp',
  'bad_request',
  'throttled',
  'no_answer',
  'disconnected',
] as const satisfies readonly LookupOutcome['status'][];
