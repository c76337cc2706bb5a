import type { SocketConfig } from 'baileys';
import type { Logger } from '../logging/logger.js';

/**
 * Logs Baileys' warnings and errors as text at our level `debug`, without its log objects, which contain whole protocol
 * nodes, keys and message contents.
 */
export function quietLogger(log: Logger): SocketConfig['logger'] {
  const line = (first: unknown, message?: string) => {
    const text = message ?? (typeof first === 'string' ? first : undefined);
    if (text !== undefined) log.debug({ source: 'baileys' }, text);
  };
  const ignore = () => undefined;
  const quiet: SocketConfig['logger'] = {
    level: 'warn',
    child: () => quiet,
    trace: ignore,
    debug: ignore,
    info: ignore,
    warn: line,
    error: line,
  };
  return quiet;
}
