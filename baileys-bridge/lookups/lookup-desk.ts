import { type LookupPorts, type Lookups, type PaceMemory, createLookups } from './lookups.js';
import type { Line } from './socket.js';

/**
 * The lookups of all instances. Each instance has its own budget and queue, which outlive its reconnects, but not the
 * time that this process drives the instance.
 */
export interface LookupDesk {
  of(instanceId: string): Lookups;
  /** Returns the lookups of all instances that have had a question. */
  all(): ReadonlyMap<string, Lookups>;
  /** Returns the number of lookups that wait or run, over all instances. */
  queueLength(): number;
  /** The maximum duration of a lookup, including its wait for a turn; a caller's timeout must be longer. */
  readonly longestLookupMs: number;
  /** Ends the lookups of an instance that this process no longer drives. Another process may use up its budget now. */
  letGo(instanceId: string): void;
  /** Forgets an instance that exists no longer. */
  remove(instanceId: string): void;
  stop(): Promise<void>;
}

export function createLookupDesk(
  line: (instanceId: string) => Line | undefined,
  ports: LookupPorts,
): LookupDesk {
  const desks = new Map<string, Lookups>();
  /** A rest that could not be stored is not forgotten when this process drives the instance again. */
  const earlier = new Map<string, PaceMemory>();
  return {
    of(id) {
      const known = desks.get(id);
      if (known) return known;
      const made = createLookups(id, () => line(id), ports, earlier.get(id));
      desks.set(id, made);
      return made;
    },
    all: () => desks,
    longestLookupMs: ports.settings.maxWaitMs + ports.settings.deadlineMs,
    queueLength: () => [...desks.values()].reduce((sum, each) => sum + each.queueLength(), 0),
    letGo(id) {
      const ended = desks.get(id);
      if (!ended) return;
      desks.delete(id);
      earlier.set(id, ended.memory());
      void ended.stop();
    },
    remove(id) {
      void desks.get(id)?.stop();
      desks.delete(id);
      earlier.delete(id);
    },
    async stop() {
      await Promise.all([...desks.values()].map((each) => each.stop()));
    },
  };
}
