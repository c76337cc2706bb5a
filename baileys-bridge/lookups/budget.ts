import type { Clock } from './clock.js';

/** The maximum number of queries that one instance may send to WhatsApp. */
export interface Limits {
  /** Queries a minute while WhatsApp does not throttle. */
  readonly perMinute: number;
  /** Queries per UTC day; null for no limit. */
  readonly perDay: number | null;
}

/** The part of a budget that has to survive a restart. Times are milliseconds since the epoch. */
export interface BudgetState {
  /** The share of `perMinute` that WhatsApp's last 429 left, 0 to 1. */
  readonly share: number;
  /** The time when the share last changed. */
  readonly shareAt: number;
  readonly restingUntil: number;
  /** The length of the next rest; it doubles with each rest. */
  readonly nextRestMs: number;
  /** UTC date. */
  readonly day: string;
  readonly usedToday: number;
}

export interface BudgetView {
  /** The limit that the profile allows. */
  readonly limit_per_minute: number;
  /** The limit that is left after WhatsApp throttled. */
  readonly per_minute: number;
  readonly per_day: number | null;
  readonly used_today: number;
  readonly resting_until: string | null;
}

/** The reason why a query may not leave now. */
export interface Refusal {
  readonly by: 'whatsapp' | 'bridge';
  readonly reason: 'whatsapp' | 'ceiling' | 'day';
  readonly retryAfterMs: number;
}

/**
 * The safety ceiling of one instance. The caller keeps the pace; the ceiling only stops a caller that misbehaves. When
 * WhatsApp throttles, the instance rests and the ceiling halves. Then the ceiling grows back slowly.
 */
export interface Budget {
  /** Returns the reason why no query may leave now, apart from the limit a minute. */
  refusal(): Refusal | undefined;
  /** Reserves a place for one query. @returns milliseconds to wait, or why the query may not leave within `mostMs` */
  reserve(mostMs: number): number | Refusal;
  /** Counts a follow-up query of a query that had a reserved place. */
  charge(): void;
  /** Notes that WhatsApp throttled. @param backoffSeconds the wait that it asked for @returns seconds to rest */
  slowDown(backoffSeconds: number | undefined): number;
  state(): BudgetState;
  view(): BudgetView;
}

/** Queries that may leave at once after a quiet period. */
const BURST = 5;
/** The largest random change of an interval, as a fraction: an even pace would look like a machine. */
const JITTER = 0.2;
const LEAST_SHARE = 1 / 32;
const LONGEST_REST_MS = 60 * 60_000;
/** The growth of the share per {@link GROWTH_MS}: it rises from a half to the whole in about an hour. */
const GROWTH = 0.05;
const GROWTH_MS = 6 * 60_000;

export interface BudgetPorts {
  readonly clock: Clock;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** The limits that apply now: those of a young instance grow with its age. */
  readonly limits: () => Limits;
  readonly firstRestSeconds: number;
}

/** Returns the share of `perMinute` that is left now: it grows back after the last 429 and its rest. */
function grownShare(state: BudgetState, now: number): number {
  const steps = Math.floor((now - Math.max(state.shareAt, state.restingUntil)) / GROWTH_MS);
  return Math.min(1, state.share + Math.max(0, steps) * GROWTH);
}

/** Joins two states of the same budget, so that no rest and no count of either is forgotten. */
export function moreCareful(one: BudgetState, other: BudgetState, now: number): BudgetState {
  const slower = grownShare(one, now) <= grownShare(other, now) ? one : other;
  const day = one.day > other.day ? one.day : other.day;
  const used = [one, other].filter((each) => each.day === day).map(({ usedToday }) => usedToday);
  return {
    share: slower.share,
    shareAt: slower.shareAt,
    restingUntil: Math.max(one.restingUntil, other.restingUntil),
    nextRestMs: Math.max(one.nextRestMs, other.nextRestMs),
    day,
    usedToday: Math.max(...used),
  };
}

/** @param saved the state before a restart; a restart allows no burst, even if the saved state allows one */
export function createBudget(ports: BudgetPorts, saved?: BudgetState): Budget {
  const { clock, limits } = ports;
  const firstRestMs = ports.firstRestSeconds * 1_000;
  const today = () => new Date(clock.now()).toISOString().slice(0, 10);
  let state: BudgetState = saved ?? {
    share: 1,
    shareAt: clock.now(),
    restingUntil: 0,
    nextRestMs: firstRestMs,
    day: today(),
    usedToday: 0,
  };
  const share = (): number => grownShare(state, clock.now());
  const perMinute = () => Math.max(1, limits().perMinute * share());
  const interval = (factor: number): number => (60_000 / perMinute()) * factor;
  // The theoretical arrival time of the generic cell rate algorithm.
  let arrival = saved ? clock.now() + (BURST - 1) * interval(1) : 0;

  const rollOver = () => {
    if (state.day !== today()) state = { ...state, day: today(), usedToday: 0 };
  };

  const charge = () => {
    rollOver();
    state = { ...state, usedToday: state.usedToday + 1 };
    arrival = Math.max(arrival, clock.now()) + interval(1 - JITTER + 2 * JITTER * ports.random());
  };

  const refusal = (): Refusal | undefined => {
    const now = clock.now();
    if (state.restingUntil > now) {
      return { by: 'whatsapp', reason: 'whatsapp', retryAfterMs: state.restingUntil - now };
    }
    rollOver();
    const { perDay } = limits();
    if (perDay === null || state.usedToday < perDay) return undefined;
    const midnight = Date.parse(`${state.day}T00:00:00Z`) + 24 * 60 * 60_000;
    return { by: 'bridge', reason: 'day', retryAfterMs: midnight - now };
  };

  return {
    refusal,
    charge,
    reserve(mostMs) {
      const refused = refusal();
      if (refused) return refused;
      const now = clock.now();
      const wait = Math.max(0, arrival - (BURST - 1) * interval(1) - now);
      if (wait > mostMs) return { by: 'bridge', reason: 'ceiling', retryAfterMs: wait };
      charge();
      return wait;
    },
    slowDown(backoffSeconds) {
      const now = clock.now();
      // Later refusals of queries that were under way at the first refusal add no information.
      if (state.restingUntil <= now) {
        const grown = share();
        const base = grown >= 1 ? firstRestMs : state.nextRestMs;
        const restMs = Math.max(base, (backoffSeconds ?? 0) * 1_000);
        state = {
          ...state,
          share: Math.max(LEAST_SHARE, grown / 2),
          shareAt: now,
          restingUntil: now + restMs,
          nextRestMs: Math.min(LONGEST_REST_MS, Math.max(base * 2, firstRestMs)),
        };
      } else if (backoffSeconds !== undefined) {
        state = { ...state, restingUntil: Math.max(state.restingUntil, now + backoffSeconds * 1_000) };
      }
      return Math.ceil((state.restingUntil - now) / 1_000);
    },
    state: () => state,
    view() {
      rollOver();
      const { perMinute: most, perDay } = limits();
      return {
        limit_per_minute: most,
        per_minute: Math.round(perMinute()),
        per_day: perDay,
        used_today: state.usedToday,
        resting_until: state.restingUntil > clock.now() ? new Date(state.restingUntil).toISOString() : null,
      };
    },
  };
}
