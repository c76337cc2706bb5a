import { startBridge } from './bridge.js';
import { ConfigError, loadConfig } from './config/config.js';
import { readSecretFiles } from './config/secret-files.js';
import { redirectConsole } from './logging/console.js';
import { createLogger } from './logging/logger.js';

/** The time limit of a stop; then the process exits. */
const STOP_LIMIT_MS = 9_000;

async function main(): Promise<void> {
  readSecretFiles(process.env);
  const config = loadConfig(process.env);
  const log = createLogger(config.logLevel);
  redirectConsole(log);
  // Baileys leaves some promises without a handler. A failure of one instance must not end all other instances.
  process.on('unhandledRejection', (err) => log.error({ err }, 'a promise was left without a handler'));
  const bridge = await startBridge(config, { log, processMetrics: true });

  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.error('stopping took too long');
      process.exit(1);
    }, STOP_LIMIT_MS).unref();
    bridge.stop().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}

main().catch((err: unknown) => {
  process.stderr.write(
    `${err instanceof ConfigError ? err.message : `baileys-bridge cannot start: ${String(err)}`}\n`,
  );
  process.exit(1);
});
