import type { KnownContact } from './contacts.js';

export const pictureTypes = ['image', 'preview'] as const;
export type PictureType = (typeof pictureTypes)[number];

/** Who asks for patience: WhatsApp, or the bridge on behalf of the number. */
export type Throttle =
  | { readonly by: 'whatsapp'; readonly reason: 'whatsapp' }
  | {
      readonly by: 'bridge';
      /** `ceiling`: too many a minute; `day`: too many today; `busy`: others are still being answered;
       * `spacing`: batches too close together; `restricted`: WhatsApp restricts the account. */
      readonly reason: 'ceiling' | 'day' | 'busy' | 'spacing' | 'restricted';
    };

export type Throttled = Throttle & { readonly status: 'throttled'; readonly retryAfterSeconds: number };
export interface Disconnected {
  readonly status: 'disconnected';
  readonly state: string;
}
export interface NoAnswer {
  readonly status: 'no_answer';
  readonly reason: string;
}

/** WhatsApp's answer about a contact; the names are those of the HTTP API. */
export type ContactAnswer =
  | (KnownContact & {
      readonly status: 'found';
      /** Null where WhatsApp sent the picture itself. */
      readonly url: string | null;
      /** The picture itself, where WhatsApp sent no link. */
      readonly image?: { readonly content_type: string; readonly base64: string };
      /** Changes whenever the picture does. */
      readonly picture_id: string;
      /** When the link dies, ISO 8601; null when it does not say. */
      readonly expires_at: string | null;
    })
  /** The picture is still the one that the caller named. */
  | (KnownContact & { readonly status: 'unchanged'; readonly picture_id: string })
  | (KnownContact & { readonly status: 'not_set' })
  /** WhatsApp does not show it to this number; `token` tells whether we could show a privacy token. */
  | (KnownContact & { readonly status: 'hidden'; readonly token: boolean })
  | { readonly status: 'not_on_whatsapp' }
  /** WhatsApp refuses the question itself; asking again gives the same answer. */
  | { readonly status: 'bad_request' };

/** The result of one question. */
export type LookupOutcome = (ContactAnswer | Throttled | NoAnswer | Disconnected) & {
  /** How many queries to WhatsApp the question cost. */
  readonly queries: number;
};

/** One contact of a batch. */
export interface BatchEntry {
  readonly jid: string | null;
  readonly lid: string | null;
  readonly exists: 'yes' | 'no' | 'unknown';
  /** `id`: there is a picture and `picture_id` names it; `unchanged`: it is the one that the caller named. */
  readonly picture: 'id' | 'unchanged' | 'none' | 'refused' | 'unknown';
  readonly picture_id: string | null;
}

export type BatchOutcome = (
  | { readonly status: 'answered'; readonly contacts: readonly BatchEntry[] }
  | Throttled
  | NoAnswer
  | Disconnected
) & { readonly queries: number };

/** To whom a LID belongs. WhatsApp is not asked, because it does not tell. */
export type LidOutcome =
  | {
      readonly status: 'known' | 'unknown';
      readonly lid: string;
      /** By number; null where nothing has shown it yet. */
      readonly jid: string | null;
      readonly queries: 0;
    }
  | Disconnected;

/** The outcomes' names, for metrics. */
export const lookupStatuses = [
  'found',
  'unchanged',
  'not_set',
  'hidden',
  'not_on_whatsapp',
  'bad_request',
  'throttled',
  'no_answer',
  'disconnected',
] as const satisfies readonly LookupOutcome['status'][];
