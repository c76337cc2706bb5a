import type { Behaviour, BehaviourChanges } from './behaviour.js';
import type { PictureType } from './cdn/links.js';
import type { Contact, ContactSettings } from './directory/contact.js';
import type { LoggedRequest } from './request-log.js';

export interface FakeWhatsAppOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** The address under which clients reach the CDN. Default: host and port of the server itself. */
  publicUrl?: string;
  /** The directory that keeps keys, paired devices and contacts over restarts. Default: nothing is kept. */
  stateDir?: string;
  /** Milliseconds since 1970, for link expiry and logged times. Default: the system's clock. */
  now?: () => number;
  behaviour?: Partial<Behaviour>;
}

/**
 * The ways in which a notification names the person: by number, by LID, in the child of a stanza from another sender,
 * or by a hash of the number.
 */
export const NOTIFIED_BY = ['pn', 'lid', 'child', 'hash'] as const;
export type NotifiedBy = (typeof NOTIFIED_BY)[number];

/** Notifications about a contact that are neither a new photo nor a removed one. */
export const OTHER_NOTIFICATIONS = ['request', 'set_avatar', 'contact_update'] as const;
export type OtherNotification = (typeof OTHER_NOTIFICATIONS)[number];

export interface PrivacyToken {
  to_instance: string;
  /** The person who gives the token: a number or jid. */
  from: string;
  sender_lid?: string | undefined;
  /** The age of the token according to its timestamp. */
  age_days?: number | undefined;
}

/** A device's acknowledgement of a stanza. */
export interface Acknowledgement {
  session: string;
  from: string;
  class: string;
  /** The code of a refusal; null for a plain acknowledgement. */
  error: string | null;
}

export interface PairedDevice {
  /** `5511900000001:1@s.whatsapp.net` */
  jid: string;
  /** `1234:1@lid` */
  lid: string;
}

export interface ScanRequest {
  /** The text of the QR code that the client shows. */
  qr: string;
  /** The owner of the phone that scans it: a number, or a jid with or without device. */
  jid: string;
  lid?: string | undefined;
}

export interface PairingCodeRequest {
  /** The number for which the client asked for the code; the client becomes a device of this account. */
  phone: string;
  code: string;
  lid?: string | undefined;
}

export interface InboundMessage {
  /** The number or jid of the logged-in account that receives the message. */
  to_instance: string;
  /** The sender: a number or a jid, which may be `…@lid`. */
  from: string;
  text: string;
  push_name?: string | undefined;
  /** The LID that the stanza names together with the sender's number. */
  sender_lid?: string | undefined;
  /** The number that the stanza names together with the sender's LID. */
  sender_pn?: string | undefined;
  /** The group that receives the message, `…@g.us`. */
  group?: string | undefined;
}

/**
 * The ways to end a session: `drop` cuts the connection (1006), `freeze` leaves it open but never answers, `428` closes
 * it without a reason, and `replaced`, `logged_out` and other three-digit codes are stream errors.
 */
export type SessionClosing = 'drop' | 'freeze' | 'replaced' | 'logged_out' | `${number}`;

export interface SessionInfo {
  user: string | null;
  device: number | null;
  state: 'pairing' | 'open' | 'frozen';
  /** ISO 8601 */
  since: string;
}

export interface PictureChange {
  jid: string;
  picture_id: string | null;
  /** The number of sessions that got the notification. */
  notified: number;
}

/** A chat in the phone's history. */
export interface HistoryChat {
  jid: string;
  /** Unix seconds of its privacy token. */
  token_at: number;
}

/** A fake WhatsApp that runs in this process. The admin API offers the same methods over HTTP. */
export interface FakeWhatsApp {
  /** For Baileys' `waWebSocketUrl`: `ws://127.0.0.1:PORT/ws/chat` */
  readonly url: string;
  /** The base URL of the admin API and the CDN, without a slash at the end. */
  readonly httpUrl: string;
  /** The key for Baileys' `WA_CERT_DETAILS.PUBLIC_KEY`, base64. */
  readonly rootPublicKey: string;

  scan(request: ScanRequest): Promise<PairedDevice>;
  enterPairingCode(request: PairingCodeRequest): Promise<PairedDevice>;

  setContact(phoneOrJid: string, settings: ContactSettings): Contact;
  setContacts(contacts: readonly ({ phone: string } & ContactSettings)[]): number;
  contact(phoneOrJid: string): Contact;
  /** Returns the LID of a person, configured or not; null for groups. */
  lidOf(phoneOrJid: string): string | null;
  changePicture(phoneOrJid: string, from?: NotifiedBy): PictureChange;
  removePicture(phoneOrJid: string, from?: NotifiedBy): PictureChange;
  /** Sends every session a notification about a contact that does not change its photo. */
  notify(phoneOrJid: string, kind: OtherNotification, from?: NotifiedBy): PictureChange;
  /** Sends a contact's privacy token to the account. @returns the number of sessions that got it */
  sendPrivacyToken(token: PrivacyToken): number;
  /** Sends the privacy tokens of the phone's chats to the account's devices, as a chunk of history. */
  sendHistory(user: string, chats: readonly HistoryChat[]): Promise<number>;
  /** Tells the account's sessions that they may not start new chats until then; null lifts the restriction. */
  restrict(user: string, until: string | null): number;
  /** Returns the bytes that the CDN serves for a contact now, or undefined when the contact has no photo. */
  image(phoneOrJid: string, type?: PictureType): { bytes: Buffer; contentType: string } | undefined;

  sendMessage(message: InboundMessage): Promise<{ message_id: string }>;

  /** @param since only requests after this sequence number, or from this time on */
  requests(since?: number | Date): LoggedRequest[];
  clearRequests(): void;

  sessions(): SessionInfo[];
  /** Ends all sessions of a user. @returns the number of sessions */
  closeSessions(user: string, how: SessionClosing): number;
  failLogins(user: string, failure: string | null, times?: number, expireSeconds?: number): void;
  /** Returns the devices' acknowledgements of stanzas, newest last. */
  acknowledgements(): Acknowledgement[];
  behaviour(): Behaviour;
  setBehaviour(changes: BehaviourChanges): Behaviour;

  /** Drops all connections and frees the port. */
  close(): Promise<void>;
}
