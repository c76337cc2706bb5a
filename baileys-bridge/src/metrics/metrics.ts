import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { instanceStates } from '../instances/state.js';
import type { QueryKind } from '../../lookups/socket.js';
import { lookupStatuses, type LookupOutcome } from '../../lookups/outcome.js';

const INSTANCE_LABELS = 100;

const deliveryResults = ['delivered', 'retried', 'refused'] as const;

/** The counters of the bridge, for Prometheus. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
  lookup(outcome: LookupOutcome['status'], seconds: number | undefined): void;
  query(instance: string, kind: QueryKind): void;
  reconnect(reason: string): void;
  delivery(result: (typeof deliveryResults)[number]): void;
  eventsDropped(count: number): void;
}

/** Values that are read at each scrape by Prometheus. */
export interface MetricSources {
  readonly states: () => Iterable<string>;
  readonly queueLength: () => number;
  readonly outboxLength: () => Promise<number>;
  /** The queries a minute that each instance may make now. */
  readonly budgetsLeft: () => readonly (readonly [instance: string, perMinute: number])[];
}

/** @param ofProcess whether to add the metrics of the process, such as memory and event loop */
export function createMetrics(sources: MetricSources, ofProcess: boolean): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (ofProcess) collectDefaultMetrics({ register: registry });

  const lookups = new Counter({
    name: 'bridge_lookups_total',
    help: 'Picture lookups answered, by status.',
    labelNames: ['status'],
    registers,
  });
  const seconds = new Histogram({
    name: 'bridge_lookup_seconds',
    help: 'Time spent with WhatsApp per lookup, without the wait for its turn.',
    labelNames: ['status'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16],
    registers,
  });
  const queries = new Counter({
    name: 'profilepic_queries_total',
    help: 'Queries to WhatsApp, by number and kind.',
    labelNames: ['instance', 'kind'],
    registers,
  });
  new Gauge({
    name: 'profilepic_budget_per_minute',
    help: 'Queries to WhatsApp that a number may make a minute now; it falls when WhatsApp says slow down.',
    labelNames: ['instance'],
    registers,
    collect() {
      this.reset();
      for (const [instance, perMinute] of sources.budgetsLeft().slice(0, INSTANCE_LABELS)) {
        this.set({ instance }, perMinute);
      }
    },
  });
  const labelled = new Set<string>();
  /** Returns the instance as a label, for a limited number of instances: metrics must not grow with the fleet. */
  const label = (instance: string): string => {
    if (labelled.size < INSTANCE_LABELS) labelled.add(instance);
    return labelled.has(instance) ? instance : 'other';
  };
  const reconnects = new Counter({
    name: 'bridge_reconnects_total',
    help: 'Connections that ended, by reason.',
    labelNames: ['reason'],
    registers,
  });
  const deliveries = new Counter({
    name: 'bridge_webhook_deliveries_total',
    help: 'Attempts to hand an event to the receiver, by result.',
    labelNames: ['result'],
    registers,
  });
  const dropped = new Counter({
    name: 'bridge_events_dropped_total',
    help: 'Events given up because the outbox was full.',
    registers,
  });
  new Gauge({
    name: 'bridge_instances',
    help: 'Numbers driven by this process, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of instanceStates) this.set({ state }, 0);
      for (const state of sources.states()) this.inc({ state });
    },
  });
  new Gauge({
    name: 'bridge_lookup_queue_length',
    help: 'Lookups that wait or run, over all numbers.',
    registers,
    collect() {
      this.set(sources.queueLength());
    },
  });
  new Gauge({
    name: 'bridge_webhook_outbox_length',
    help: 'Events not yet handed to the receiver; NaN when the database does not answer.',
    registers,
    async collect() {
      this.set(await sources.outboxLength().catch(() => Number.NaN));
    },
  });

  // All counters start at 0, so that Prometheus sees the first event as an increase.
  for (const status of lookupStatuses) {
    lookups.inc({ status }, 0);
    seconds.zero({ status });
  }
  for (const result of deliveryResults) deliveries.inc({ result }, 0);
  reconnects.inc({ reason: 'restart_required' }, 0);

  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    lookup(status, spent) {
      lookups.inc({ status });
      if (spent !== undefined) seconds.observe({ status }, spent);
    },
    query: (instance, kind) => queries.inc({ instance: label(instance), kind }),
    reconnect: (reason) => reconnects.inc({ reason }),
    delivery: (result) => deliveries.inc({ result }),
    eventsDropped: (count) => dropped.inc(count),
  };
}
