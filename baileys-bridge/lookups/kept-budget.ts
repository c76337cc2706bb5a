import type { Budget, BudgetState } from './budget.js';
import type { Cancel, Clock } from './clock.js';

/** The stored state of one budget. */
export interface BudgetRecord {
  /** The state that was stored last; undefined when there is none. */
  readonly saved: BudgetState | undefined;
  /** Stores the state, unless the instance has another owner meanwhile. */
  readonly save: (state: BudgetState) => Promise<void>;
}

/** The stored budget could not be read. A fresh budget instead could break a rest that WhatsApp demanded. */
export class BudgetUnavailableError extends Error {}

/** A budget that is read before its first use and saved after changes. */
export interface KeptBudget {
  /** @throws BudgetUnavailableError; the next call reads again */
  get(): Promise<Budget>;
  /** Returns the budget once it is read. */
  known(): Budget | undefined;
  saveSoon(): void;
  /** Saves now; after a failure again soon. */
  save(): Promise<void>;
  /** Saves once more, and never again. */
  close(): Promise<void>;
}

const SAVE_MS = 10_000;

export function createKeptBudget(
  clock: Clock,
  open: () => Promise<BudgetRecord>,
  create: (saved: BudgetState | undefined) => Budget,
): KeptBudget {
  let reading: Promise<Budget> | undefined;
  let known: Budget | undefined;
  let write: BudgetRecord['save'] | undefined;
  let cancelSave: Cancel | undefined;
  let closed = false;

  const read = async (): Promise<Budget> => {
    try {
      const { saved, save } = await open();
      write = save;
      known = create(saved);
      return known;
    } catch (err) {
      reading = undefined;
      throw new BudgetUnavailableError('the stored budget could not be read', { cause: err });
    }
  };

  const saveSoon = () => {
    if (!closed) cancelSave ??= clock.schedule(() => void save(), SAVE_MS);
  };

  const save = async (): Promise<void> => {
    cancelSave?.();
    cancelSave = undefined;
    if (known) await write?.(known.state()).catch(() => saveSoon());
  };

  return {
    get: () => (reading ??= read()),
    known: () => known,
    saveSoon,
    save,
    close() {
      closed = true;
      return save();
    },
  };
}
