import type { Instance } from '../instances/instance.js';
import { type LookupPorts, type Lookups, createLookups } from './lookups.js';

/** The lookups of all numbers: each has its own pace and queue, which outlive its reconnects. */
export interface LookupDesk {
  of(instanceId: string): Lookups;
  /** Lookups that wait or run, over all numbers. */
  queueLength(): number;
  remove(instanceId: string): void;
  stop(): void;
}

export function createLookupDesk(
  instance: (instanceId: string) => Instance | undefined,
  ports: LookupPorts,
): LookupDesk {
  const desks = new Map<string, Lookups>();
  return {
    of(id) {
      const known = desks.get(id);
      if (known) return known;
      const made = createLookups(id, () => instance(id), ports);
      desks.set(id, made);
      return made;
    },
    queueLength: () => [...desks.values()].reduce((sum, each) => sum + each.queueLength(), 0),
    remove(id) {
      desks.get(id)?.stop();
      desks.delete(id);
    },
    stop() {
      for (const each of desks.values()) each.stop();
    },
  };
}
