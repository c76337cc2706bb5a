/** The ways in which a picture lookup of a contact ends. */
export const PICTURE_STATES = [
  'set',
  'inline',
  'guarded',
  'silent_with_token',
  'locked',
  'unavailable',
  'none',
  'hidden',
  'throttled',
  'silent',
  'bad_request',
  'server_error',
  'empty',
  'no_content',
  'not_on_whatsapp',
] as const;
export type PictureState = (typeof PICTURE_STATES)[number];

/** The kinds of usync answers about one person; all but `plain` are special cases. */
export const USYNC_ANSWERS = ['plain', 'by_lid', 'none', 'missing', 'error', 'throttled'] as const;
export type UsyncAnswer = (typeof USYNC_ANSWERS)[number];

/** The states in which the person has a photo, even a photo that others may not see. */
const WITH_PHOTO: ReadonlySet<PictureState> = new Set(['set', 'inline', 'guarded', 'silent_with_token']);
export const hasPhoto = (contact: Pick<Contact, 'picture'>): boolean => WITH_PHOTO.has(contact.picture);

/** The bodies that the CDN can send instead of the contact's JPEG. */
export const CDN_BODIES = [
  'jpeg',
  'png',
  'webp',
  'not_an_image',
  'too_large',
  'huge_dimensions',
  'truncated',
  'empty',
] as const;
export type CdnBody = (typeof CDN_BODIES)[number];

/** The misbehaviour of the CDN for one contact. An empty object is a CDN that works. */
export interface CdnBehaviour {
  /** Answer with this HTTP status and no image. */
  status?: number | undefined;
  /** Answer 302 with this Location. */
  redirect_to?: string | undefined;
  /** Wait before answering, milliseconds. */
  delay_ms?: number | undefined;
  /** Never answer at all, or stop in the middle of the body. */
  hang?: 'headers' | 'body' | undefined;
  body?: CdnBody | undefined;
  content_type?: string | undefined;
  /** Send the body without a Content-Length. */
  chunked?: boolean | undefined;
  /** The number of downloads that misbehave; without this number all downloads misbehave. */
  times?: number | undefined;
}

export interface Contact {
  /** Canonical address: `556299212484@s.whatsapp.net`, a group's, or a LID when the phone number is not known. */
  readonly jid: string;
  lid?: string;
  picture: PictureState;
  usync: UsyncAnswer;
  /** Counts the photos that the contact has had. Address and version determine picture id and bytes. */
  version: number;
  /** The number of lookups that are answered 429 before `picture` counts. */
  throttleLeft: number;
  linkTtlSeconds: number;
  cdn: CdnBehaviour;
}

/** The default lifetime of links; on the real CDN it is also several days. */
export const DEFAULT_LINK_TTL_SECONDS = 5 * 24 * 3600;

/** The settings that the admin API changes for one contact. A field that is left out keeps its value. */
export interface ContactSettings {
  picture?: PictureState | undefined;
  usync?: UsyncAnswer | undefined;
  throttle_times?: number | undefined;
  lid?: string | undefined;
  link_ttl_seconds?: number | undefined;
  /** Replaces all earlier misbehaviour; null ends all misbehaviour. */
  cdn?: CdnBehaviour | null | undefined;
}

export function newContact(jid: string, picture: PictureState): Contact {
  return {
    jid,
    picture,
    usync: 'plain',
    version: 1,
    throttleLeft: 0,
    linkTtlSeconds: DEFAULT_LINK_TTL_SECONDS,
    cdn: {},
  };
}

/** Applies settings in place. A photo that returns after its removal is a new photo. */
export function applySettings(contact: Contact, settings: ContactSettings): void {
  if (settings.throttle_times !== undefined) {
    contact.throttleLeft = settings.throttle_times;
  }
  if (settings.picture !== undefined) {
    if (settings.picture === 'set' && contact.picture === 'none') {
      contact.version += 1;
    }
    // After "throttled n times" the photo follows.
    const endsInPhoto = settings.picture === 'throttled' && settings.throttle_times !== undefined;
    contact.picture = endsInPhoto ? 'set' : settings.picture;
  }
  if (settings.usync !== undefined) {
    contact.usync = settings.usync;
  }
  if (settings.lid !== undefined) {
    contact.lid = settings.lid;
  }
  if (settings.link_ttl_seconds !== undefined) {
    contact.linkTtlSeconds = settings.link_ttl_seconds;
  }
  if (settings.cdn !== undefined) {
    contact.cdn = settings.cdn === null ? {} : { ...settings.cdn };
  }
}
