/**
 * - `connecting`: is connecting, or waits for the next attempt (the reason says why)
 * - `qr`: waits for a phone that scans the code or enters the pairing code
 * - `open`: is connected and answers lookups
 * - `paused`: no phone scanned the code; `POST /instances/{id}` wakes the instance
 * - `logged_out`: the phone removed this device; the instance must be paired again
 * - `replaced`: another client uses the same session; the instance connects again only on request
 * - `banned`: WhatsApp banned the number, permanently or until a time; an earlier connection makes the ban worse
 * - `failed`: WhatsApp or the store refuses, or the proxy cannot be used, and a retry would not help
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
  /** The start of this state, ISO 8601. */
  readonly since: string;
  /** The time of the next automatic connection, ISO 8601; absent when it is unknown. */
  readonly retryAt?: string;
}
