import type { Clock } from '../../lookups/clock.js';
import type { ContactAddress } from '../../lookups/contact-address.js';
import type { LookupDesk } from '../../lookups/lookup-desk.js';
import type { Supervisor } from '../instances/supervisor.js';
import type { Metrics } from '../metrics/metrics.js';

/** The parts of the bridge that the HTTP API needs. */
export interface BridgeApi {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly lookups: LookupDesk;
  readonly metrics: Metrics;
  /** Forgets a person in these instances, or in all instances when none is given. */
  readonly erase: (address: ContactAddress, instanceIds: readonly string[]) => Promise<void>;
  readonly ready: () => Promise<boolean>;
}
