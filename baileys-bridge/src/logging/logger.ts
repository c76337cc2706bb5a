import { type DestinationStream, type Logger, destination as stdout, pino, stdTimeFunctions } from 'pino';
import { maskPhones } from './mask.js';

export type { Logger } from 'pino';

/**
 * Writes JSON lines. Phones are masked in every field, as the last step before a line is written. Times are ISO 8601,
 * since milliseconds since the epoch look like a phone number.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service: 'baileys-bridge' },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError },
      hooks: { streamWrite: maskPhones },
    },
    destination ?? stdout(1),
  );
}

/** Errors without their stacks' tails or attached data: Baileys hangs protocol nodes and keys on its errors. */
function describeError(err: unknown): object {
  if (!(err instanceof Error)) return { message: String(err) };
  const frames = err.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? [];
  return { type: err.name, message: err.message, at: frames.slice(0, 6).map((line) => line.trim()) };
}
