import { type DestinationStream, type Logger, destination as stdout, pino, stdTimeFunctions } from 'pino';
import { maskPhones } from './mask.js';

export type { Logger } from 'pino';

/**
 * Creates a logger that writes JSON lines. The last step before a line is written masks phones in every field. Times
 * are ISO 8601, because milliseconds since the epoch look like a phone number.
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

/** Describes an error with a short stack and without attached data: Baileys attaches protocol nodes and keys. */
function describeError(err: unknown): object {
  if (!(err instanceof Error)) return { message: String(err) };
  const frames = err.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? [];
  return { type: err.name, message: err.message, at: frames.slice(0, 6).map((line) => line.trim()) };
}
