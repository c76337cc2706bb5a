import { pino } from 'pino';
import { optionsFrom } from './environment.js';
import { createFakeWhatsApp } from './server.js';

const log = pino({ name: 'fake-whatsapp' });

/** Runs the fake WhatsApp as a process until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const server = await createFakeWhatsApp(optionsFrom(process.env));
  log.info({ url: server.url, httpUrl: server.httpUrl }, 'fake WhatsApp listens');

  const stop = (signal: string) => {
    log.info({ signal }, 'fake WhatsApp stops');
    void server.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  log.fatal({ reason }, 'fake WhatsApp could not start');
  process.exitCode = 1;
});
