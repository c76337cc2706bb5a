import { pino } from 'pino';
import { z } from 'zod';
import { createFakeWhatsApp } from './server.js';

const environment = z.object({
  FAKE_WHATSAPP_HOST: z.enum(['127.0.0.1', '0.0.0.0']).default('127.0.0.1'),
  FAKE_WHATSAPP_PORT: z.coerce.number().int().min(0).max(65_535).default(3002),
  FAKE_WHATSAPP_STATE_DIR: z.string().min(1).optional(),
  FAKE_WHATSAPP_PUBLIC_URL: z.url().optional(),
});

const log = pino({ name: 'fake-whatsapp' });

/** Runs the fake WhatsApp as a process until SIGTERM or SIGINT. */
async function main(): Promise<void> {
  const parsed = environment.safeParse(process.env);
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    log.fatal({ invalid: names }, 'the configuration is invalid');
    process.exitCode = 2;
    return;
  }
  const env = parsed.data;
  const server = await createFakeWhatsApp({
    host: env.FAKE_WHATSAPP_HOST,
    port: env.FAKE_WHATSAPP_PORT,
    ...(env.FAKE_WHATSAPP_STATE_DIR === undefined ? {} : { stateDir: env.FAKE_WHATSAPP_STATE_DIR }),
    ...(env.FAKE_WHATSAPP_PUBLIC_URL === undefined
      ? {}
      : { publicUrl: env.FAKE_WHATSAPP_PUBLIC_URL.replace(/\/$/, '') }),
  });
  log.info({ url: server.url, httpUrl: server.httpUrl }, 'fake WhatsApp listens');

  const stop = (signal: string) => {
    log.info({ signal }, 'fake WhatsApp stops');
    void server.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  log.fatal({ reason: message }, 'fake WhatsApp could not start');
  process.exitCode = 1;
});
