import type { Limits } from '../../lookups/budget.js';

export const profiles = ['normal', 'careful'] as const;
export type Profile = (typeof profiles)[number];

/** How much a number may ask WhatsApp, as its owner chose. */
export interface Allowance {
  readonly profile: Profile;
  /** Own figures, which win over the profile's. */
  readonly perMinute: number | null;
  readonly perDay: number | null;
  readonly createdAt: Date;
}

export type AllowanceChanges = {
  -readonly [K in 'profile' | 'perMinute' | 'perDay']?: Allowance[K] | undefined;
};

const CAREFUL_PER_MINUTE = 20;
const CAREFUL_PER_DAY = 5_000;
const FIRST_WEEK_PER_DAY = 500;
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000;

/**
 * The profile `normal` leaves the pace to the caller under the bridge's ceiling. `careful` is for young numbers: little
 * in the first week, and never much at once.
 */
export function limitsOf(allowance: Allowance, now: number, ceilingPerMinute: number): Limits {
  const { profile, createdAt } = allowance;
  const young = now - createdAt.getTime() < WEEK_MS;
  const careful = { perMinute: CAREFUL_PER_MINUTE, perDay: young ? FIRST_WEEK_PER_DAY : CAREFUL_PER_DAY };
  const base = profile === 'careful' ? careful : { perMinute: ceilingPerMinute, perDay: null };
  return {
    perMinute: Math.min(allowance.perMinute ?? base.perMinute, ceilingPerMinute),
    perDay: allowance.perDay ?? base.perDay,
  };
}
