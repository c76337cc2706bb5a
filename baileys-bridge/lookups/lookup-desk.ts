import { type LookupPorts, type Lookups, createLookups } from './lookups.js';
import type { Line } from './socket.js';

/** The lookups of all instances. Each instance has its own budget and queue, which outlive its reconnects. */
export interface LookupDesk {
  of(instanceId: string): Lookups;
  /** Returns the lookups of all instances that have had a question. */
  all(): ReadonlyMap<string, Lookups>;
  /** Returns the number of lookups that wait or run, over all instances. */
  queueLength(): number;
  /** The maximum duration of a lookup, including its wait for a turn; a caller's timeout must be longer. */
  readonly longestLookupMs: number;
  remove(instanceId: string): void;
  stop(): Promise<void>;
}

export function createLookupDesk(
  line: (instanceId: string) => Line | undefined,
  ports: LookupPorts,
): LookupDesk {
  const desks = new Map<string, Lookups>();
  return {
    of(id) {
      const known = desks.get(id);
      if (known) return known;
      const made = createLookups(id, () => line(id), ports);
      desks.set(id, made);
      return made;
    },
    all: () => desks,
    longestLookupMs: ports.settings.maxWaitMs + ports.settings.deadlineMs,
    queueLength: () => [...desks.values()].reduce((sum, each) => sum + each.queueLength(), 0),
    remove(id) {
      void desks.get(id)?.stop();
      desks.delete(id);
    },
    async stop() {
      await Promise.all([...desks.values()].map((each) => each.stop()));
    },
  };
}
