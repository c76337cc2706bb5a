import type { InstanceState } from '../instances/state.js';

/** An event for the receiver; the JSON of its `/webhooks/baileys`. */
export type BridgeEvent = ContactsUpdate | MessagesUpsert | LidMappingUpdate | ConnectionUpdate;

interface Envelope {
  readonly instance_id: string;
  /** When it happened, ISO 8601. */
  readonly timestamp: string;
}

export interface ContactsUpdate extends Envelope {
  readonly event: 'contacts.update';
  readonly data: readonly (Person & {
    readonly picture: 'changed' | 'removed';
    /** The new picture's id, where WhatsApp told it: a receiver that has this picture need not ask. */
    readonly picture_id: string | null;
    /**
     * Why the contact is worth a look: the photo itself, something about the contact, or a token that opens a hidden
     * photo.
     */
    readonly cause: 'picture' | 'contact' | 'privacy_token';
  })[];
}

/** A number itself: for operators. */
export interface ConnectionUpdate extends Envelope {
  readonly event: 'connection.update';
  readonly data: readonly {
    /** As in `GET /instances`, or `restricted` while WhatsApp keeps the account from starting chats. */
    readonly state: InstanceState | 'restricted' | 'unrestricted';
    readonly reason: string | null;
    /** Until when, where that is known. */
    readonly until: string | null;
  }[];
}

/** Somebody wrote. The text of the message never leaves the bridge. */
export interface MessagesUpsert extends Envelope {
  readonly event: 'messages.upsert';
  readonly data: readonly (Person & {
    readonly from_me: false;
    readonly push_name: string | null;
    readonly message_id: string;
  })[];
}

/** Which LIDs stand for which numbers. WhatsApp tells this also when nobody has written. */
export interface LidMappingUpdate extends Envelope {
  readonly event: 'lid-mapping.update';
  readonly data: readonly { readonly lid: string; readonly jid: string }[];
}

/** A contact under its phone, its LID or both; null where it is not known. */
export interface Person {
  readonly jid: string | null;
  readonly lid: string | null;
}
