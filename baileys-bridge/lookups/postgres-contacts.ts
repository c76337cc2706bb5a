import type { Contacts, KnownContact } from './contacts.js';
import { hashOf } from './notification-hash.js';

/** The part of `pg` that the contacts need: a pool or a client has it. */
export interface Queryable {
  query<R extends object>(text: string, values?: unknown[]): Promise<{ rows: R[] }>;
}

/** The maximum number of rows that one call drops; the next call drops more. */
const EXPIRE_AT_ONCE = 10_000;

/**
 * Contacts in table `bridge.contacts`, shared by all processes. A contact may be dropped `keepDays` after WhatsApp last
 * confirmed it.
 */
export function postgresContacts(pool: Queryable, keepDays = 30): Contacts {
  return {
    async recall(phone) {
      const { rows } = await pool.query<KnownContact>(
        'SELECT jid, lid FROM bridge.contacts WHERE phone = $1',
        [phone],
      );
      return rows[0];
    },
    async recallAll(phones) {
      const { rows } = await pool.query<KnownContact & { phone: string }>(
        'SELECT phone, jid, lid FROM bridge.contacts WHERE phone = ANY($1)',
        [phones],
      );
      return new Map(rows.map(({ phone, jid, lid }) => [phone, { jid, lid }]));
    },
    async remember(phone, contact) {
      await pool.query(
        `INSERT INTO bridge.contacts (phone, jid, lid, hash) VALUES ($1, $2, $3, $4)
         ON CONFLICT (phone) DO UPDATE
         SET jid = excluded.jid, lid = excluded.lid, hash = excluded.hash, resolved_at = now()`,
        [phone, contact.jid, contact.lid, hashOf(contact.jid)],
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
    async jidOfHash(hash) {
      const { rows } = await pool.query<{ jid: string }>(
        'SELECT DISTINCT jid FROM bridge.contacts WHERE hash = $1 LIMIT 2',
        [hash],
      );
      return rows.length === 1 ? (rows[0]?.jid ?? null) : null;
    },
    async erase(jids) {
      const { rows } = await pool.query<KnownContact & { phone: string }>(
        `DELETE FROM bridge.contacts
         WHERE phone || '@s.whatsapp.net' = ANY($1) OR jid = ANY($1) OR lid = ANY($1)
         RETURNING phone, jid, lid`,
        [jids],
      );
      const known = rows.flatMap(({ phone, jid, lid }) => [
        `${phone}@s.whatsapp.net`,
        jid,
        ...(lid === null ? [] : [lid]),
      ]);
      return [...new Set([...jids, ...known])];
    },
    async expire() {
      await pool.query(
        `DELETE FROM bridge.contacts WHERE phone = ANY (ARRAY(
           SELECT phone FROM bridge.contacts WHERE resolved_at < now() - make_interval(days => $1)
           ORDER BY resolved_at LIMIT $2))
         AND resolved_at < now() - make_interval(days => $1)`,
        [keepDays, EXPIRE_AT_ONCE],
      );
    },
  };
}
