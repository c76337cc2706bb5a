import { type LookupPorts, type Lookups, createLookups } from './lookups.js';
import type { Line } from './socket.js';

/** The lookups of all numbers: each has its own budget and queue, which outlive its reconnects. */
export interface LookupDesk {
  of(instanceId: string): Lookups;
  /** The lookups of all numbers that were asked something already. */
  all(): ReadonlyMap<string, Lookups>;
  /** Lookups that wait or run, over all numbers. */
  queueLength(): number;
  /** How long a lookup takes at the most, its wait for a turn included; a caller must wait for longer. */
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
