import type { Clock } from './clock.js';

/** How much one number may ask WhatsApp at the most. */
export interface Limits {
  /** Queries a minute while all is well. */
  readonly perMinute: number;
  /** Queries in a UTC day; null for no limit. */
  readonly perDay: number | null;
}

/** The part of a budget that has to survive a restart. Times are milliseconds since the epoch. */
export interface BudgetState {
  /** The share of `perMinute` that WhatsApp's last 429 left, 0 to 1. */
  readonly share: number;
  /** When the share last changed. */
  readonly shareAt: number;
  readonly restingUntil: number;
  /** How long the next rest takes; it doubles with each. */
  readonly nextRestMs: number;
  /** UTC date. */
  readonly day: string;
  readonly usedToday: number;
}

export interface BudgetView {
  /** The limit that the profile allows. */
  readonly limit_per_minute: number;
  /** The limit that is left after WhatsApp said slow down. */
  readonly per_minute: number;
  readonly per_day: number | null;
  readonly used_today: number;
  readonly resting_until: string | null;
}

/** Why a query may not leave now. */
export interface Refusal {
  readonly by: 'whatsapp' | 'bridge';
  readonly reason: 'whatsapp' | 'ceiling' | 'day';
  readonly retryAfterMs: number;
}

/**
 * The safety ceiling of one number. The caller keeps the pace; the ceiling only stops what no caller should do. When
 * WhatsApp says slow down, the number rests and the ceiling halves. Then it grows back slowly.
 */
export interface Budget {
  /** Why no query may leave now, apart from the pace of the moment. */
  refusal(): Refusal | undefined;
  /** Takes a place for one query. @returns milliseconds to wait for it, or why it may not leave within `mostMs` */
  reserve(mostMs: number): number | Refusal;
  /** Counts a query that follows from one that had its place. */
  charge(): void;
  /** WhatsApp said slow down. @param backoffSeconds how long, where it said so @returns seconds to rest */
  slowDown(backoffSeconds: number | undefined): number;
  state(): BudgetState;
  view(): BudgetView;
}

/** Queries that may leave at once after a quiet while. */
const BURST = 5;
/** At random, up to this part of the interval is added or taken away, because machines ask evenly and people do not. */
const JITTER = 0.2;
const LEAST_SHARE = 1 / 32;
const LONGEST_REST_MS = 60 * 60_000;
/** How much of the share comes back, and in what time: from a half to the whole in about an hour. */
const GROWTH = 0.05;
const GROWTH_MS = 6 * 60_000;

export interface BudgetPorts {
  readonly clock: Clock;
  /** 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
  /** The limits as they are now: a young number's grow with its age. */
  readonly limits: () => Limits;
  readonly firstRestSeconds: number;
}

/** @param saved the remembered state; after a restart there is no burst, even if the saved state allows one */
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
  const share = (): number => {
    const steps = Math.floor((clock.now() - Math.max(state.shareAt, state.restingUntil)) / GROWTH_MS);
    return Math.min(1, state.share + Math.max(0, steps) * GROWTH);
  };
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
      // Answers to questions that were under way when the first refusal came say nothing new.
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
