import { z } from 'zod';
import type { FakeWhatsAppOptions } from './api.js';

const schema = z.object({
  FAKE_WHATSAPP_HOST: z.enum(['127.0.0.1', '0.0.0.0']).default('127.0.0.1'),
  FAKE_WHATSAPP_PORT: z.coerce.number().int().min(0).max(65_535).default(3002),
  FAKE_WHATSAPP_STATE_DIR: z.string().min(1).optional(),
  FAKE_WHATSAPP_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
});

/** Reads the process's options from its environment. @throws an error that names every wrong variable */
export function optionsFrom(environment: NodeJS.ProcessEnv): FakeWhatsAppOptions {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the configuration is invalid: ${wrong.join('; ')}`);
  }
  const env = parsed.data;
  return {
    host: env.FAKE_WHATSAPP_HOST,
    port: env.FAKE_WHATSAPP_PORT,
    ...(env.FAKE_WHATSAPP_STATE_DIR !== undefined && { stateDir: env.FAKE_WHATSAPP_STATE_DIR }),
    ...(env.FAKE_WHATSAPP_PUBLIC_URL !== undefined && {
      publicUrl: env.FAKE_WHATSAPP_PUBLIC_URL.replace(/\/$/, ''),
    }),
  };
}
