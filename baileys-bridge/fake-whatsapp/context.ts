import type { Accounts } from './accounts.js';
import type { Acknowledgement } from './api.js';
import type { Behaviour } from './behaviour.js';
import type { CdnLinks } from './cdn/links.js';
import type { ContactDirectory } from './directory/contacts.js';
import type { RequestLog } from './request-log.js';
import type { ServerKeys } from './storage.js';
import type { SessionRegistry } from './wire/sessions.js';

/** The state that the parts of the server share. */
export interface ServerContext {
  readonly keys: ServerKeys;
  readonly accounts: Accounts;
  readonly directory: ContactDirectory;
  readonly links: CdnLinks;
  readonly log: RequestLog;
  readonly acknowledgements: Acknowledgement[];
  readonly sessions: SessionRegistry;
  readonly behaviour: Behaviour;
  /** Returns the address under which clients reach the CDN, without a slash at the end. */
  readonly publicUrl: () => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
