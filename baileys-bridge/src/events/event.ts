/** What the bridge tells the receiver; the JSON of its `/webhooks/baileys`. */
export type BridgeEvent = ContactsUpdate | MessagesUpsert;

interface Envelope {
  readonly instance_id: string;
  /** When it happened, ISO 8601. */
  readonly timestamp: string;
}

export interface ContactsUpdate extends Envelope {
  readonly event: 'contacts.update';
  readonly data: readonly (Person & { readonly picture: 'changed' | 'removed' })[];
}

/** Somebody wrote. What they wrote never leaves the bridge. */
export interface MessagesUpsert extends Envelope {
  readonly event: 'messages.upsert';
  readonly data: readonly (Person & {
    readonly from_me: false;
    readonly push_name: string | null;
    readonly message_id: string;
  })[];
}

/** A contact under its phone, its LID or both; null where it is not known. */
export interface Person {
  readonly jid: string | null;
  readonly lid: string | null;
}
