import type { KnownContact } from './contacts.js';

export const pictureTypes = ['image', 'preview'] as const;
export type PictureType = (typeof pictureTypes)[number];

/** The source of a throttle: WhatsApp, or the bridge to protect the instance. */
export type Throttle =
  | { readonly by: 'whatsapp'; readonly reason: 'whatsapp' }
  | {
      readonly by: 'bridge';
      /** `ceiling`: too many queries a minute; `day`: too many queries today; `busy`: too many questions are under way;
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
      /** Null when WhatsApp sent the picture itself. */
      readonly url: string | null;
      /** The picture itself, when WhatsApp sent no link. */
      readonly image?: { readonly content_type: string; readonly base64: string };
      /** Changes whenever the picture does. */
      readonly picture_id: string;
      /** The time when the link expires, ISO 8601; null when the link does not say. */
      readonly expires_at: string | null;
    })
  /** The picture still has the id that the caller gave. */
  | (KnownContact & { readonly status: 'unchanged'; readonly picture_id: string })
  | (KnownContact & { readonly status: 'not_set' })
  /** WhatsApp does not show the picture to this instance; `token` says whether we had a privacy token to show. */
  | (KnownContact & { readonly status: 'hidden'; readonly token: boolean })
  | { readonly status: 'not_on_whatsapp' }
  /** WhatsApp refuses the query itself; a repetition gives the same answer. */
  | { readonly status: 'bad_request' };

/** The result of one question. */
export type LookupOutcome = (ContactAnswer | Throttled | NoAnswer | Disconnected) & {
  /** The number of queries to WhatsApp that the question cost. */
  readonly queries: number;
};

/** One contact of a batch. */
export interface BatchEntry {
  readonly jid: string | null;
  readonly lid: string | null;
  readonly exists: 'yes' | 'no' | 'unknown';
  /** `id`: there is a picture with id `picture_id`; `unchanged`: the picture has the id that the caller gave. */
  readonly picture: 'id' | 'unchanged' | 'none' | 'refused' | 'unknown';
  readonly picture_id: string | null;
}

export type BatchOutcome = (
  | { readonly status: 'answered'; readonly contacts: readonly BatchEntry[] }
  | Throttled
  | NoAnswer
  | Disconnected
) & { readonly queries: number };

/** The owner of a LID. This costs no query, because WhatsApp does not answer this question. */
export type LidOutcome =
  | {
      readonly status: 'known' | 'unknown';
      readonly lid: string;
      /** The address with the phone number; null while it is unknown. */
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
