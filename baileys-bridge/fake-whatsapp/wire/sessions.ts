import type { Account } from '../accounts.js';
import type { ChatSession } from './session.js';

/** The sessions that are connected now. */
export class SessionRegistry {
  private readonly sessions = new Set<ChatSession>();

  add(session: ChatSession): void {
    this.sessions.add(session);
  }

  delete(session: ChatSession): void {
    this.sessions.delete(session);
  }

  all(): ChatSession[] {
    return [...this.sessions];
  }

  loggedIn(): ChatSession[] {
    return this.all().filter((session) => session.account !== undefined);
  }

  ofUser(user: string): ChatSession[] {
    return this.loggedIn().filter((session) => session.account?.user === user);
  }

  ofDevice(account: Account): ChatSession[] {
    return this.ofUser(account.user).filter((session) => session.account?.device === account.device);
  }

  /** Returns the session that shows this QR reference. */
  withRef(ref: string): ChatSession | undefined {
    return this.all().find((session) => session.refs.includes(ref));
  }
}
