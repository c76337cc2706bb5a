import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Pool } from '../database/pool.js';

export interface OutboxEntry {
  readonly id: string;
  /** Equal for all attempts. */
  readonly eventId: string;
  readonly body: string;
  /** The number of attempts, including this one. */
  readonly attempts: number;
}

/** Events in Postgres until the receiver has them. */
export interface Outbox {
  add(bodies: readonly string[]): Promise<void>;
  /** Claims due entries for 30 s: if this process dies, they become due again. */
  claim(limit: number): Promise<OutboxEntry[]>;
  delete(entry: OutboxEntry): Promise<void>;
  postpone(entry: OutboxEntry, seconds: number, why: string): Promise<void>;
  /** Removes the entries about these addresses from these instances, or from all instances when none is given. */
  erase(addresses: readonly string[], instanceIds: readonly string[]): Promise<void>;
  length(): Promise<number>;
  /** Drops the oldest entries beyond `limit`. @returns the number of dropped entries */
  trim(limit: number): Promise<number>;
  /** Drops entries older than `days`, the oldest thousand at a time. @returns the number of dropped entries */
  expire(days: number): Promise<number>;
}

const address = z.string().nullish();
const readable = z.object({
  instance_id: z.string(),
  data: z.array(z.object({ jid: address, lid: address })),
});

const CLAIM_SECONDS = 30;
const EXPIRE_AT_ONCE = 1_000;

export function createOutbox(pool: Pool): Outbox {
  return {
    async add(bodies) {
      await pool.query(
        'INSERT INTO bridge.outbox (event_id, body) SELECT * FROM unnest($1::uuid[], $2::text[])',
        [bodies.map(() => randomUUID()), bodies],
      );
    },

    async claim(limit) {
      const { rows } = await pool.query<{ id: string; event_id: string; body: string; attempts: number }>(
        `UPDATE bridge.outbox SET attempts = attempts + 1, due_at = now() + make_interval(secs => $2)
         WHERE id IN (
           SELECT id FROM bridge.outbox WHERE due_at <= now() ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
         )
         RETURNING id, event_id, body, attempts`,
        [limit, CLAIM_SECONDS],
      );
      return rows.map(({ event_id, ...row }) => ({ ...row, eventId: event_id }));
    },

    async delete(entry) {
      await pool.query('DELETE FROM bridge.outbox WHERE id = $1', [entry.id]);
    },

    async postpone(entry, seconds, why) {
      await pool.query(
        'UPDATE bridge.outbox SET due_at = now() + make_interval(secs => $2), last_error = $3 WHERE id = $1',
        [entry.id, seconds, why.slice(0, 200)],
      );
    },

    async erase(addresses, instanceIds) {
      // A cast to jsonb would fail for every person where one body has a text that Postgres cannot store as jsonb.
      const { rows } = await pool.query<{ id: string; body: string }>(
        `SELECT id, body FROM bridge.outbox
         WHERE EXISTS (SELECT FROM unnest($1::text[]) AS address WHERE strpos(body, address) > 0)`,
        [addresses],
      );
      const ids = rows.filter(({ body }) => isAbout(body, addresses, instanceIds)).map(({ id }) => id);
      await pool.query('DELETE FROM bridge.outbox WHERE id = ANY ($1)', [ids]);
    },

    async length() {
      const { rows } = await pool.query<{ count: string }>('SELECT count(*) FROM bridge.outbox');
      return Number(rows[0]?.count ?? 0);
    },

    async trim(limit) {
      const { rowCount } = await pool.query(
        `DELETE FROM bridge.outbox
         WHERE id <= (SELECT id FROM bridge.outbox ORDER BY id DESC OFFSET $1 LIMIT 1)`,
        [limit],
      );
      return rowCount ?? 0;
    },

    async expire(days) {
      const { rowCount } = await pool.query(
        `DELETE FROM bridge.outbox WHERE id IN (
           SELECT id FROM (SELECT id, created_at FROM bridge.outbox ORDER BY id LIMIT $2) AS oldest
           WHERE created_at < now() - make_interval(days => $1))`,
        [days, EXPIRE_AT_ONCE],
      );
      return rowCount ?? 0;
    },
  };
}

/** Says whether an event is about one of the people. What cannot be read is, because it names one of them. */
function isAbout(body: string, addresses: readonly string[], instanceIds: readonly string[]): boolean {
  const event = readable.safeParse(parsed(body));
  if (!event.success) return true;
  const { instance_id, data } = event.data;
  if (instanceIds.length > 0 && !instanceIds.includes(instance_id)) return false;
  return data.some(({ jid, lid }) =>
    [jid, lid].some((each) => typeof each === 'string' && addresses.includes(each)),
  );
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
