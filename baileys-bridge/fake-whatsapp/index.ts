export type {
  FakeWhatsApp,
  FakeWhatsAppOptions,
  InboundMessage,
  PairedDevice,
  PictureChange,
  SessionClosing,
  SessionInfo,
} from './api.js';
export type { Behaviour } from './behaviour.js';
export type { PictureType } from './cdn/links.js';
export type { CdnBehaviour, Contact, ContactSettings, PictureState } from './directory/contact.js';
export { FakeWhatsAppError } from './errors.js';
export type { LoggedRequest } from './request-log.js';
export { createFakeWhatsApp } from './server.js';
