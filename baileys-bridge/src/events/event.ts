import type { InstanceState } from '../instances/state.js';

/** An event for the receiver, as JSON for its `/webhooks/baileys`. */
export type BridgeEvent = ContactsUpdate | MessagesUpsert | LidMappingUpdate | ConnectionUpdate;

interface Envelope {
  readonly instance_id: string;
  /** The time of the event, ISO 8601. */
  readonly timestamp: string;
}

export interface ContactsUpdate extends Envelope {
  readonly event: 'contacts.update';
  readonly data: readonly (Person & {
    readonly picture: 'changed' | 'removed';
    /** The new picture's id, if WhatsApp gave it: a receiver that has this picture need not fetch it. */
    readonly picture_id: string | null;
    /**
     * The reason to look at the contact: a change of the photo, a change of the contact, or a token that opens a hidden
     * photo.
     */
    readonly cause: 'picture' | 'contact' | 'privacy_token';
  })[];
}

/** A change of an instance, for operators. */
export interface ConnectionUpdate extends Envelope {
  readonly event: 'connection.update';
  readonly data: readonly {
    /** The state as in `GET /instances`, or `restricted` while WhatsApp does not let the account start chats. */
    readonly state: InstanceState | 'restricted' | 'unrestricted';
    readonly reason: string | null;
    /** The end of the state, if it is known. */
    readonly until: string | null;
  }[];
}

/** A contact sent a message. The text of the message never leaves the bridge. */
export interface MessagesUpsert extends Envelope {
  readonly event: 'messages.upsert';
  readonly data: readonly (Person & {
    readonly from_me: false;
    readonly push_name: string | null;
    readonly message_id: string;
  })[];
}

/** The phone numbers of LIDs. WhatsApp also sends them without a message. */
export interface LidMappingUpdate extends Envelope {
  readonly event: 'lid-mapping.update';
  readonly data: readonly { readonly lid: string; readonly jid: string }[];
}

/** A contact by phone, by LID or by both; an unknown address is null. */
export interface Person {
  readonly jid: string | null;
  readonly lid: string | null;
}
