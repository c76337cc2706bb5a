import type { Limits } from '../../lookups/budget.js';

export const profiles = ['normal', 'careful'] as const;
export type Profile = (typeof profiles)[number];

/** The query limits of an instance, as its owner chose them. */
export interface Allowance {
  readonly profile: Profile;
  /** The instance's own limits, which override those of the profile. */
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
 * Returns the limits that apply now. The profile `normal` leaves the pace to the caller, under the bridge's ceiling.
 * The profile `careful` is for young numbers: it allows few queries a minute, and few queries a day in the first week.
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
