import { z } from 'zod';
import type { BudgetState } from '../../lookups/budget.js';
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
  save(instanceId: string, state: BudgetState): Promise<void>;
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
    async save(instanceId, state) {
      await pool.query(
        `INSERT INTO bridge.budgets (instance_id, state)
         SELECT id, $2 FROM bridge.instances WHERE id = $1
         ON CONFLICT (instance_id) DO UPDATE SET state = excluded.state`,
        [instanceId, JSON.stringify(state)],
      );
    },
  };
}
