/**
 * - `connecting`: on the way, or waiting for the next attempt (the reason says why)
 * - `qr`: waits for a phone to scan, or to enter the pairing code
 * - `open`: answers
 * - `paused`: nobody scanned; `POST /instances/{id}` wakes it
 * - `logged_out`: the phone removed this device; must be paired again
 * - `replaced`: another client uses the same session; connects again only when asked to
 * - `banned`: WhatsApp banned the number, for good or until a time; connecting before makes it worse
 * - `failed`: WhatsApp or the store refuses, and trying again would not help
 */
export const instanceStates = [
  'connecting',
  'qr',
  'open',
  'paused',
  'logged_out',
  'replaced',
  'banned',
  'failed',
] as const;
export type InstanceState = (typeof instanceStates)[number];

export interface InstanceStatus {
  readonly state: InstanceState;
  readonly reason: string | null;
  /** Since when it is in this state, ISO 8601. */
  readonly since: string;
  /** When it connects by itself again, ISO 8601; absent where nobody knows. */
  readonly retryAt?: string;
}
