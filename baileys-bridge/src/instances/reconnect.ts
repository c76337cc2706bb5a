import type { InstanceState } from './state.js';

/** The action after a connection ended. */
export type AfterClose =
  | { readonly kind: 'reconnect_now'; readonly reason: string }
  | { readonly kind: 'reconnect_later'; readonly reason: string }
  | {
      readonly kind: 'stop';
      readonly state: Extract<InstanceState, 'paused' | 'logged_out' | 'replaced' | 'banned' | 'failed'>;
      readonly reason: string;
      /** The time after which the next attempt is allowed. */
      readonly retryAfterSeconds?: number;
    };

/** The cause of the end of a connection, as far as Baileys says. */
export interface CloseCause {
  /** Baileys' `DisconnectReason`, WhatsApp's failure code, or the WebSocket's own code. */
  readonly code: number | undefined;
  /** Says whether the transport failed: its codes say nothing about the session. */
  readonly transport: boolean;
  readonly paired: boolean;
  /** The length of a ban, if WhatsApp gave it. */
  readonly expireSeconds?: number | undefined;
}

/** The part of Baileys' errors that says why a connection ended. */
interface CloseError extends Error {
  readonly data?: unknown;
  readonly output?: { readonly statusCode?: number };
}

/** @param error Baileys' reason for a disconnect */
export function causeOf(error: Error | undefined): Omit<CloseCause, 'paired'> {
  const { data, output, message } = (error ?? {}) as Partial<CloseError>;
  const expire = Number((data as { expire?: unknown } | undefined)?.expire);
  return {
    code: output?.statusCode,
    transport: message?.startsWith('WebSocket Error') ?? false,
    // WhatsApp's failure stanza says how many seconds a ban lasts.
    expireSeconds: expire > 0 ? expire : undefined,
  };
}

/**
 * Maps the end of a connection to the next action. `transport` is needed because a proxy may answer the WebSocket's
 * upgrade with 401 or 403, which are also WhatsApp's codes for a logout; a false logout would lose the pairing.
 */
export function afterClose({ code, transport, paired, expireSeconds }: CloseCause): AfterClose {
  if (transport) return { kind: 'reconnect_later', reason: `transport_${code ?? 'unknown'}` };
  switch (code) {
    case 515:
      return { kind: 'reconnect_now', reason: 'restart_required' };
    case 401:
      return { kind: 'stop', state: 'logged_out', reason: 'logged_out' };
    case 440:
      return { kind: 'stop', state: 'replaced', reason: 'connection_replaced' };
    // The main device is gone, so its companions are logged out.
    case 403:
      return { kind: 'stop', state: 'logged_out', reason: 'main_device_gone' };
    case 402:
      return {
        kind: 'stop',
        state: 'banned',
        reason: 'temporary_ban',
        ...(expireSeconds !== undefined && { retryAfterSeconds: expireSeconds }),
      };
    case 406:
      return { kind: 'stop', state: 'banned', reason: 'banned' };
    case 409:
      return { kind: 'stop', state: 'failed', reason: 'bad_user_agent' };
    case 418:
      return { kind: 'stop', state: 'failed', reason: 'client_unknown' };
    // A newer version is read meanwhile.
    case 405:
      return { kind: 'reconnect_later', reason: 'client_outdated' };
    case 411:
      return { kind: 'stop', state: 'failed', reason: 'multi_device_mismatch' };
    case 408:
      return paired
        ? { kind: 'reconnect_later', reason: 'timed_out' }
        : { kind: 'stop', state: 'paused', reason: 'qr_not_scanned' };
    case 428:
      return { kind: 'reconnect_later', reason: 'connection_closed' };
    case 500:
      return { kind: 'reconnect_later', reason: 'bad_session' };
    case 503:
      return { kind: 'reconnect_later', reason: 'service_unavailable' };
    default:
      return { kind: 'reconnect_later', reason: `closed_${code ?? 'unknown'}` };
  }
}

const BASE_MS = 1_000;
const CAP_MS = 5 * 60_000;
const MAX_DOUBLINGS = 16;

/**
 * Returns an exponential delay with jitter over the upper half: many instances that lost their connections together do
 * not reconnect together, and no instance reconnects at once.
 *
 * @param attempt 0 for the first reconnect after a stable connection
 * @param random 0 (inclusive) to 1 (exclusive)
 * @returns milliseconds
 */
export function reconnectDelay(attempt: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(attempt, MAX_DOUBLINGS));
  return Math.round(ceiling / 2 + (random * ceiling) / 2);
}
