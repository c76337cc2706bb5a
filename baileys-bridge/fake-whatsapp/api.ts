import type { Behaviour, BehaviourChanges } from './behaviour.js';
import type { PictureType } from './cdn/links.js';
import type { Contact, ContactSettings } from './directory/contact.js';
import type { LoggedRequest } from './request-log.js';

export interface FakeWhatsAppOptions {
  /** Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Where clients reach the CDN. Default: host and port of the server itself. */
  publicUrl?: string;
  /** Keeps keys, paired devices and contacts over restarts. Without it all is forgotten at the end. */
  stateDir?: string;
  /** Milliseconds since 1970, for link expiry and logged times. Default: the system's clock. */
  now?: () => number;
  behaviour?: Partial<Behaviour>;
}

/**
 * How a notification names the person: by number, by LID, in the child of a stanza from elsewhere, or by a hash of the
 * number.
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
  /** How old the token says that it is. */
  age_days?: number | undefined;
}

/** How a device acknowledged a stanza. */
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
  /** The number that the client asked the code for; also the account that it becomes a device of. */
  phone: string;
  code: string;
  lid?: string | undefined;
}

export interface InboundMessage {
  /** Number (or jid) of the logged-in account that receives the message. */
  to_instance: string;
  /** The writer: a number or jid, `…@lid` included. */
  from: string;
  text: string;
  push_name?: string | undefined;
  /** LID that the stanza names together with the sender's number. */
  sender_lid?: string | undefined;
  /** Number that the stanza names together with the sender's LID. */
  sender_pn?: string | undefined;
  /** The group that it is written to, `…@g.us`. */
  group?: string | undefined;
}

/**
 * How a session is ended: `drop` cuts the connection (1006), `freeze` leaves it open and dead, `428` closes it without
 * a word, `replaced`, `logged_out` and three-digit codes are stream errors.
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
  /** Sessions that were told. */
  notified: number;
}

/** A chat as the phone's history has it. */
export interface HistoryChat {
  jid: string;
  /** Unix seconds of its privacy token. */
  token_at: number;
}

/** A fake WhatsApp that runs in this process. Its methods are what the admin API offers over HTTP. */
export interface FakeWhatsApp {
  /** For Baileys' `waWebSocketUrl`: `ws://127.0.0.1:PORT/ws/chat` */
  readonly url: string;
  /** Base of the admin API and the CDN, without a slash at the end. */
  readonly httpUrl: string;
  /** Base64 of the key to put into Baileys' `WA_CERT_DETAILS.PUBLIC_KEY`. */
  readonly rootPublicKey: string;

  scan(request: ScanRequest): Promise<PairedDevice>;
  enterPairingCode(request: PairingCodeRequest): Promise<PairedDevice>;

  setContact(phoneOrJid: string, settings: ContactSettings): Contact;
  setContacts(contacts: readonly ({ phone: string } & ContactSettings)[]): number;
  contact(phoneOrJid: string): Contact;
  /** The LID of a person, configured or not; null for groups. */
  lidOf(phoneOrJid: string): string | null;
  changePicture(phoneOrJid: string, from?: NotifiedBy): PictureChange;
  removePicture(phoneOrJid: string, from?: NotifiedBy): PictureChange;
  /** Tells every session something about a contact that leaves its photo as it is. */
  notify(phoneOrJid: string, kind: OtherNotification, from?: NotifiedBy): PictureChange;
  /** Hands the account a contact's privacy token. @returns how many sessions got it */
  sendPrivacyToken(token: PrivacyToken): number;
  /** The phone hands its chats' privacy tokens to the account's devices, as a chunk of history. */
  sendHistory(user: string, chats: readonly HistoryChat[]): Promise<number>;
  /** Tells the account's sessions that they may not start new chats until then; null lifts it. */
  restrict(user: string, until: string | null): number;
  /** The bytes that the CDN serves for a contact now, or undefined when it has no photo. */
  image(phoneOrJid: string, type?: PictureType): { bytes: Buffer; contentType: string } | undefined;

  sendMessage(message: InboundMessage): Promise<{ message_id: string }>;

  /** @param since only what came after this sequence number, or from this moment on */
  requests(since?: number | Date): LoggedRequest[];
  clearRequests(): void;

  sessions(): SessionInfo[];
  /** Ends all sessions of a user. Answers how many there were. */
  closeSessions(user: string, how: SessionClosing): number;
  failLogins(user: string, failure: string | null, times?: number, expireSeconds?: number): void;
  /** How devices acknowledged stanzas, newest last. */
  acknowledgements(): Acknowledgement[];
  behaviour(): Behaviour;
  setBehaviour(changes: BehaviourChanges): Behaviour;

  /** Drops all connections and frees the port. */
  close(): Promise<void>;
}
