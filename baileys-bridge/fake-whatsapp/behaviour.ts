import type { DefaultPicture } from './directory/contacts.js';

export const USYNC_MODES = ['with_lid', 'without_lid', 'silent', 'throttled'] as const;

export const UNKNOWN_DEVICES = ['refuse', 'accept', 'accept_with_keys'] as const;

/** Switches for the whole server. */
export interface Behaviour {
  /** The answer to contact queries: with LIDs, without LIDs, no answer, or a 429 inside of a result. */
  usync: (typeof USYNC_MODES)[number];
  /** The wait that the answer to a throttled contact query asks for; 0 leaves it out. */
  usync_backoff_seconds: number;
  /** The picture of every person who was never configured. */
  default_picture: DefaultPicture;
  /**
   * The handling of devices that never paired here: they are refused with 401, as by WhatsApp, or are accepted, so that
   * tests need no pairing. `accept_with_keys` treats them as devices that uploaded their keys long ago. This saves
   * hundreds of new keys per device, so that many devices can connect fast, but they cannot receive messages.
   */
  unknown_devices: (typeof UNKNOWN_DEVICES)[number];
}

/** A switch that is left out or undefined stays as it is. */
export type BehaviourChanges = { [K in keyof Behaviour]?: Behaviour[K] | undefined };

export const DEFAULT_BEHAVIOUR: Behaviour = {
  usync: 'with_lid',
  usync_backoff_seconds: 0,
  default_picture: 'none',
  unknown_devices: 'refuse',
};

export function applyBehaviour(behaviour: Behaviour, changes: BehaviourChanges): void {
  behaviour.usync = changes.usync ?? behaviour.usync;
  behaviour.usync_backoff_seconds = changes.usync_backoff_seconds ?? behaviour.usync_backoff_seconds;
  behaviour.default_picture = changes.default_picture ?? behaviour.default_picture;
  behaviour.unknown_devices = changes.unknown_devices ?? behaviour.unknown_devices;
}
