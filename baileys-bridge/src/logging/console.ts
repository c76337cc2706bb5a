import type { Logger } from './logger.js';

/**
 * Sends the texts that libraries print with `console` to the log, without the objects: libsignal prints whole sessions,
 * including private keys ("Closing session: SessionEntry {...}").
 */
export function redirectConsole(log: Logger): void {
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    console[method] = (first?: unknown) => {
      if (typeof first === 'string') log.debug({ source: 'console' }, first.slice(0, 200));
    };
  }
}
