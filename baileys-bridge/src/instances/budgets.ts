import { z } from 'zod';
import type { BudgetState } from '../../lookups/budget.js';
import type { Lease } from '../auth-state/auth-store.js';
import type { Pool } from '../database/pool.js';

const budgetState = z.object({
  share: z.number().min(0).max(1),
  shareAt: z.number(),
  restingUntil: z.number(),
  nextRestMs: z.number(),
  day: z.string(),
  usedToday: z.number(),
});

/** Keeps the state of each instance's budget over restarts. */
export interface Budgets {
  load(instanceId: string): Promise<BudgetState | undefined>;
  /** Does nothing when the lease is lost: the budget is the next owner's then. */
  save(lease: Lease, state: BudgetState): Promise<void>;
}

export function createBudgets(pool: Pool): Budgets {
  return {
    async load(instanceId) {
      const { rows } = await pool.query<{ state: unknown }>(
        'SELECT state FROM bridge.budgets WHERE instance_id = $1',
        [instanceId],
      );
      return rows[0] && budgetState.parse(rows[0].state);
    },
    async save({ instanceId, fence }, state) {
      // The lease row is locked against a change of owner until the statement has committed.
      await pool.query(
        `WITH held AS MATERIALIZED (SELECT id FROM bridge.instances WHERE id = $1 AND fence = $3 FOR SHARE)
         INSERT INTO bridge.budgets (instance_id, state) SELECT id, $2 FROM held
         ON CONFLICT (instance_id) DO UPDATE SET state = excluded.state`,
        [instanceId, JSON.stringify(state), fence],
      );
    },
  };
}
