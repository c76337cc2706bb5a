import { BufferJSON, type SignalDataSet, type SignalDataTypeMap, proto } from 'baileys';
import type { Pool } from '../database/pool.js';
import type { Cipher } from './cipher.js';

/** The right to drive one instance. A write under a fence that is no longer current changes nothing. */
export interface Lease {
  readonly instanceId: string;
  readonly fence: string;
}

/** Another process drives the instance now. */
export class LeaseLostError extends Error {
  constructor(instanceId: string) {
    super(`instance ${instanceId} belongs to another process now`);
  }
}

/** Values by category and key; `null` removes. */
export type Changes = Record<string, Record<string, unknown>>;

/** Credentials and keys in Postgres. Every failure is thrown: an empty result means that nothing is stored. */
export interface AuthStore {
  /** Reads any number of keys with one query. Missing keys are absent from the result. */
  read(instanceId: string, category: string, keyIds: readonly string[]): Promise<Map<string, unknown>>;
  /**
   * Writes all of `changes` or nothing, in one statement.
   * @throws LeaseLostError
   */
  write(lease: Lease, changes: Changes): Promise<void>;
  /** Forgets the session; settings stay. @throws LeaseLostError */
  clear(lease: Lease): Promise<void>;
}

// The lease row is locked against a change of owner until the statement has committed.
const HELD = 'SELECT id FROM bridge.instances WHERE id = $1 AND fence = $2 FOR SHARE';

const WRITE = `
  WITH held AS MATERIALIZED (${HELD}),
  changed AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::bytea[]) AS change (category, key_id, value)
  ),
  removed AS (
    DELETE FROM bridge.auth_state stored USING held, changed
    WHERE stored.instance_id = held.id AND changed.value IS NULL
      AND stored.category = changed.category AND stored.key_id = changed.key_id
  ),
  written AS (
    INSERT INTO bridge.auth_state (instance_id, category, key_id, value)
    SELECT held.id, category, key_id, value FROM held, changed WHERE value IS NOT NULL
    ON CONFLICT (instance_id, category, key_id) DO UPDATE SET value = excluded.value
  )
  SELECT id FROM held`;

const CLEAR = `
  WITH held AS MATERIALIZED (${HELD}),
  removed AS (DELETE FROM bridge.auth_state stored USING held
    WHERE stored.instance_id = held.id AND stored.category <> 'settings'
  )
  SELECT id FROM held`;

export function createAuthStore(pool: Pool, cipher: Cipher): AuthStore {
  const context = (instanceId: string, category: string, keyId: string) =>
    JSON.stringify([instanceId, category, keyId]);
  return {
    async read(instanceId, category, keyIds) {
      const { rows } = await pool.query<{ key_id: string; value: Buffer }>(
        'SELECT key_id, value FROM bridge.auth_state WHERE instance_id = $1 AND category = $2 AND key_id = ANY($3)',
        [instanceId, category, keyIds],
      );
      return new Map(
        rows.map((row) => {
          const plain = cipher.open(row.value, context(instanceId, category, row.key_id));
          return [row.key_id, JSON.parse(plain, BufferJSON.reviver) as unknown];
        }),
      );
    },

    async write(lease, changes) {
      const categories: string[] = [];
      const keyIds: string[] = [];
      const values: (Buffer | null)[] = [];
      for (const [category, entries] of Object.entries(changes)) {
        for (const [keyId, value] of Object.entries(entries)) {
          categories.push(category);
          keyIds.push(keyId);
          values.push(
            value === null || value === undefined
              ? null
              : cipher.seal(
                  JSON.stringify(value, BufferJSON.replacer),
                  context(lease.instanceId, category, keyId),
                ),
          );
        }
      }
      if (categories.length === 0) return;
      const held = await pool.query(WRITE, [lease.instanceId, lease.fence, categories, keyIds, values]);
      if (held.rowCount === 0) throw new LeaseLostError(lease.instanceId);
    },

    async clear(lease) {
      const held = await pool.query(CLEAR, [lease.instanceId, lease.fence]);
      if (held.rowCount === 0) throw new LeaseLostError(lease.instanceId);
    },
  };
}

/** Baileys' view of the key store. */
export function signalKeys(store: AuthStore, lease: Lease) {
  return {
    async get<T extends keyof SignalDataTypeMap>(
      type: T,
      ids: string[],
    ): Promise<Record<string, SignalDataTypeMap[T]>> {
      const found = await store.read(lease.instanceId, type, ids);
      const values: Record<string, SignalDataTypeMap[T]> = {};
      for (const [id, value] of found) {
        // Baileys calls methods of the protobuf class on these values.
        const revived =
          type === 'app-state-sync-key'
            ? proto.Message.AppStateSyncKeyData.fromObject(value as object)
            : value;
        values[id] = revived as SignalDataTypeMap[T];
      }
      return values;
    },
    async set(data: SignalDataSet): Promise<void> {
      await store.write(lease, data);
    },
  };
}
