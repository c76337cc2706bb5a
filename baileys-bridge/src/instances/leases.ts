import type { Lease } from '../auth-state/auth-store.js';
import type { Pool } from '../database/pool.js';
import type { Allowance, AllowanceChanges, Profile } from './allowance.js';
import type { Account } from './instance-ports.js';
import type { InstanceState, InstanceStatus } from './state.js';

/** An instance as it is in the database. */
export interface InstanceRow extends InstanceStatus, Account {
  readonly id: string;
  readonly allowance: Allowance;
  readonly owned: boolean;
}

export interface OwnedInstance {
  readonly lease: Lease;
  readonly status: InstanceStatus;
  readonly allowance: Allowance;
}

/**
 * Says which process drives which instance. A lease is held until `lease_until` by the database's clock. One statement
 * renews the leases of all instances of a process. A process that takes over a lease raises the fence.
 */
export interface Leases {
  /** Adds the instance unless it exists. @returns true when it is new */
  create(instanceId: string): Promise<boolean>;
  /** Takes every instance that no process holds, or only those of `instanceIds`. */
  acquire(instanceIds?: readonly string[]): Promise<OwnedInstance[]>;
  /** @returns the leases of `instanceIds` that are still ours */
  renew(instanceIds: readonly string[]): Promise<Lease[]>;
  /** Releases all leases, so that another process need not wait. */
  release(): Promise<void>;
  /** Stores the state of the instance; does nothing when the lease is lost. */
  record(lease: Lease, status: InstanceStatus, account: Account): Promise<void>;
  /** @returns false when the lease is lost */
  remove(lease: Lease): Promise<boolean>;
  /** Changes the query limits of the instance. @returns undefined when there is no such instance */
  allow(instanceId: string, changes: AllowanceChanges): Promise<Allowance | undefined>;
  list(): Promise<InstanceRow[]>;
  find(instanceId: string): Promise<InstanceRow | undefined>;
}

interface Row {
  id: string;
  state: InstanceState;
  reason: string | null;
  since: Date;
  jid: string | null;
  lid: string | null;
  owned: boolean;
  fence: string;
  retry_at: Date | null;
  profile: Profile;
  per_minute: number | null;
  per_day: number | null;
  created_at: Date;
}

const ALLOWANCE = 'profile, per_minute, per_day, created_at';

/** @param owner a name that no other process has, not even a later process on the same machine */
export function createLeases(pool: Pool, owner: string, leaseSeconds: number): Leases {
  const select = `SELECT id, state, reason, since, retry_at, jid, lid, ${ALLOWANCE}, coalesce(lease_until > now(), false) AS owned
    FROM bridge.instances`;
  return {
    async create(instanceId) {
      const { rowCount } = await pool.query(
        'INSERT INTO bridge.instances (id) VALUES ($1) ON CONFLICT DO NOTHING',
        [instanceId],
      );
      return rowCount === 1;
    },

    async acquire(instanceIds) {
      const { rows } = await pool.query<Row>(
        `UPDATE bridge.instances
         SET owner = $1, fence = fence + 1, lease_until = now() + make_interval(secs => $2)
         WHERE id IN (
           SELECT id FROM bridge.instances
           WHERE (lease_until IS NULL OR lease_until <= now()) AND ($3::text[] IS NULL OR id = ANY($3))
           ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
         )
         RETURNING id, fence, state, reason, since, retry_at, ${ALLOWANCE}`,
        [owner, leaseSeconds, instanceIds ?? null],
      );
      return rows.map((row) => ({
        lease: { instanceId: row.id, fence: row.fence },
        status: statusOf(row),
        allowance: allowanceOf(row),
      }));
    },

    async renew(instanceIds) {
      const { rows } = await pool.query<Row>(
        `UPDATE bridge.instances SET lease_until = now() + make_interval(secs => $2)
         WHERE owner = $1 AND id = ANY($3) AND lease_until > now() RETURNING id, fence`,
        [owner, leaseSeconds, instanceIds],
      );
      return rows.map((row) => ({ instanceId: row.id, fence: row.fence }));
    },

    async release() {
      await pool.query('UPDATE bridge.instances SET owner = NULL, lease_until = NULL WHERE owner = $1', [
        owner,
      ]);
    },

    async record(lease, status, account) {
      await pool.query(
        `UPDATE bridge.instances
         SET state = $3, reason = $4, since = $5, retry_at = $8, jid = coalesce($6, jid), lid = coalesce($7, lid)
         WHERE id = $1 AND fence = $2`,
        [
          lease.instanceId,
          lease.fence,
          status.state,
          status.reason,
          status.since,
          account.jid,
          account.lid,
          status.retryAt ?? null,
        ],
      );
    },

    async remove(lease) {
      const { rowCount } = await pool.query('DELETE FROM bridge.instances WHERE id = $1 AND fence = $2', [
        lease.instanceId,
        lease.fence,
      ]);
      return rowCount === 1;
    },

    async allow(instanceId, { profile, perMinute, perDay }) {
      const { rows } = await pool.query<Row>(
        `UPDATE bridge.instances
         SET profile = coalesce($2, profile),
           per_minute = CASE WHEN $3 THEN $4::integer ELSE per_minute END,
           per_day = CASE WHEN $5 THEN $6::integer ELSE per_day END
         WHERE id = $1 RETURNING ${ALLOWANCE}`,
        [
          instanceId,
          profile ?? null,
          perMinute !== undefined,
          perMinute ?? null,
          perDay !== undefined,
          perDay ?? null,
        ],
      );
      return rows[0] && allowanceOf(rows[0]);
    },

    async list() {
      return (await pool.query<Row>(`${select} ORDER BY id`)).rows.map(rowOf);
    },

    async find(instanceId) {
      return (await pool.query<Row>(`${select} WHERE id = $1`, [instanceId])).rows.map(rowOf)[0];
    },
  };
}

const statusOf = (row: Row): InstanceStatus => ({
  state: row.state,
  reason: row.reason,
  since: row.since.toISOString(),
  ...(row.retry_at !== null && { retryAt: row.retry_at.toISOString() }),
});

const allowanceOf = (row: Row): Allowance => ({
  profile: row.profile,
  perMinute: row.per_minute,
  perDay: row.per_day,
  createdAt: row.created_at,
});

const rowOf = (row: Row): InstanceRow => ({
  id: row.id,
  ...statusOf(row),
  jid: row.jid,
  lid: row.lid,
  owned: row.owned,
  allowance: allowanceOf(row),
});
