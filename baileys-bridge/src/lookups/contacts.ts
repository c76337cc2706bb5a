import type { Pool } from '../database/pool.js';

/** A contact as WhatsApp knows it. */
export interface KnownContact {
  readonly jid: string;
  readonly lid: string | null;
}

/** What WhatsApp told about phones, remembered for every number of the bridge. */
export interface Contacts {
  recall(phone: string): Promise<KnownContact | undefined>;
  remember(phone: string, contact: KnownContact): Promise<void>;
  forget(phone: string): Promise<void>;
  /** Which LID a canonical jid has, as far as was seen. */
  lidOf(jid: string): Promise<string | null>;
  /** Whose LID it is, as far as was seen. */
  jidOf(lid: string): Promise<string | null>;
  /** Drops what is older than 30 days. */
  expire(): Promise<void>;
}

export function createContacts(pool: Pool): Contacts {
  return {
    async recall(phone) {
      const { rows } = await pool.query<KnownContact>(
        'SELECT jid, lid FROM bridge.contacts WHERE phone = $1',
        [phone],
      );
      return rows[0];
    },
    async remember(phone, contact) {
      await pool.query(
        `INSERT INTO bridge.contacts (phone, jid, lid) VALUES ($1, $2, $3)
         ON CONFLICT (phone) DO UPDATE SET jid = excluded.jid, lid = excluded.lid, resolved_at = now()`,
        [phone, contact.jid, contact.lid],
      );
    },
    async forget(phone) {
      await pool.query('DELETE FROM bridge.contacts WHERE phone = $1', [phone]);
    },
    async lidOf(jid) {
      const { rows } = await pool.query<KnownContact>(
        'SELECT jid, lid FROM bridge.contacts WHERE jid = $1 ORDER BY resolved_at DESC LIMIT 1',
        [jid],
      );
      return rows[0]?.lid ?? null;
    },
    async jidOf(lid) {
      const { rows } = await pool.query<KnownContact>(
        'SELECT jid, lid FROM bridge.contacts WHERE lid = $1 ORDER BY resolved_at DESC LIMIT 1',
        [lid],
      );
      return rows[0]?.jid ?? null;
    },
    async expire() {
      await pool.query("DELETE FROM bridge.contacts WHERE resolved_at < now() - interval '30 days'");
    },
  };
}
