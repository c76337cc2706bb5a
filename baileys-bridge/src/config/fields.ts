import { z } from 'zod';

/** The remedies for missing variables. */
export const hints: Record<string, string> = {
  BRIDGE_TOKENS:
    'set it to one or more Bearer tokens, separated by commas (`openssl rand -hex 32` makes one)',
  BRIDGE_DATABASE_URL:
    'set it to the Postgres that keeps the sessions, e.g. postgres://bridge:secret@127.0.0.1:5432/bridge',
};

export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`);

/** A comma separated list; spaces around elements and empty elements are dropped. */
export const list = (element: z.ZodType<string, string>) =>
  z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    )
    .pipe(z.array(element).min(1, 'must name at least one'));

export const url = (protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    message: `must be a URL that starts with ${protocols.join(' or ')}//`,
  });

export const onOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

export const base64Key = (bytes: number) =>
  z
    .string()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine(
      (key) => key.length === bytes,
      `must be ${bytes} bytes in base64 (\`openssl rand -base64 ${bytes}\`)`,
    );

/** The notation of Standard Webhooks: `whsec_` and the secret's bytes in base64. */
export const webhookSecret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/=_-]+$/, 'must be whsec_ followed by base64')
  .transform((text) => Buffer.from(text.slice('whsec_'.length), 'base64'))
  .refine((secret) => secret.length >= 24 && secret.length <= 64, 'must hold 24 to 64 bytes');

export const whatsappVersion = z
  .string()
  .regex(/^\d+\.\d+\.\d+$/, 'must look like 2.3000.1043857760')
  .transform((text) => text.split('.').map(Number) as [number, number, number]);
