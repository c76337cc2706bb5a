// The settings of the parts of bin/up. Local mode's secrets are public; a run with the real WhatsApp gets random secrets.
import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const DATABASE_URL = 'postgres://postgres@127.0.0.1:54329/profile_pic';
export const RECEIVER = 'http://127.0.0.1:8080';
export const BRIDGE = 'http://127.0.0.1:3001';

/** As in the application-local.yaml of both services. */
export const PUBLIC_SECRETS = {
  API_KEY: 'local-dev-key',
  BRIDGE_TOKEN: 'local-bridge-token',
  WEBHOOK_SECRET: `whsec_${Buffer.from('local-webhook-secret-for-bin-up').toString('base64')}`,
  SIGNING_SECRET: 'local-avatar-signing-secret',
};

const makeSecrets = () => ({
  API_KEY: randomBytes(24).toString('hex'),
  BRIDGE_TOKEN: randomBytes(32).toString('hex'),
  WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
  SIGNING_SECRET: randomBytes(32).toString('hex'),
  ERASURE_KEY: randomBytes(32).toString('hex'),
  SOURCES_KEY: randomBytes(32).toString('base64'),
  ENCRYPTION_KEY: randomBytes(32).toString('base64'),
});

/**
 * Returns the secrets in a file that only its owner can read. The first call creates the file. If it is lost, the instance must be paired again.
 * @param {string} file lines of NAME=value
 */
export function ownSecrets(file) {
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    const lines = Object.entries(makeSecrets()).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600, flag: 'wx' });
  }
  chmodSync(file, 0o600);
  const secrets = Object.fromEntries(readFileSync(file, 'utf8').trim().split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
  if (!secrets.ENCRYPTION_KEY) throw new Error(`${file} lacks ENCRYPTION_KEY: delete it to get new secrets, and pair the numbers again`);
  // A file from an earlier release lacks the secrets that were added later.
  const added = Object.entries(makeSecrets()).filter(([name]) => !secrets[name]);
  appendFileSync(file, added.map(([name, value]) => `${name}=${value}\n`).join(''));
  return { ...secrets, ...Object.fromEntries(added) };
}

/** Returns the environment of each part, and the values that other scripts need. */
export function settings({ whatsapp, secretsFile }) {
  const secrets = whatsapp ? ownSecrets(secretsFile) : PUBLIC_SECRETS;
  const instance = whatsapp ? 'whatsapp' : 'demo';
  // The real WhatsApp bans numbers that send too many queries; the fake WhatsApp does not.
  const pace = whatsapp ? '60' : '6000';
  const alike = { PROFILE_PIC_DEFAULT_INSTANCE: instance, PROFILE_PIC_PACE_PER_MINUTE: pace };
  // Outside the profile local, the services refuse every public secret. They still listen on loopback.
  const service = {
    ...alike,
    PROFILE_PIC_DATABASE_URL: 'jdbc:postgresql://127.0.0.1:54329/profile_pic',
    PROFILE_PIC_DATABASE_USER: 'postgres',
    PROFILE_PIC_DATABASE_PASSWORD: '',
    PROFILE_PIC_AVATARS_BASE_URL: RECEIVER,
    PROFILE_PIC_AVATARS_SIGNING_SECRET: secrets.SIGNING_SECRET,
    PROFILE_PIC_ERASURE_KEY: secrets.ERASURE_KEY,
    PROFILE_PIC_SOURCES_KEY: secrets.SOURCES_KEY,
    SERVER_ADDRESS: '127.0.0.1',
  };
  return {
    secrets, instance, pace,
    profiles: whatsapp ? [] : ['--spring.profiles.active=local'],
    bridge: {
      BRIDGE_MODE: whatsapp ? 'production' : 'local',
      BRIDGE_TOKENS: secrets.BRIDGE_TOKEN,
      ...(whatsapp && { BRIDGE_ENCRYPTION_KEY: secrets.ENCRYPTION_KEY }),
      BRIDGE_DATABASE_URL: DATABASE_URL,
      BRIDGE_INSTANCES: instance,
      // This limit is above the worker's pace, because a lookup may cost more than one query.
      BRIDGE_LOOKUPS_PER_MINUTE: whatsapp ? '180' : pace,
      BRIDGE_THROTTLED_RETRY_AFTER_SECONDS: whatsapp ? '60' : '2',
      RECEIVER_URL: RECEIVER,
      BRIDGE_WEBHOOK_SECRET: secrets.WEBHOOK_SECRET,
    },
    receiver: whatsapp
      ? {
          ...service,
          MANAGEMENT_SERVER_ADDRESS: '127.0.0.1',
          PROFILE_PIC_BOOTSTRAP_KEY: secrets.API_KEY,
          PROFILE_PIC_WEBHOOK_SECRET_BAILEYS: secrets.WEBHOOK_SECRET,
          PROFILE_PIC_BRIDGE_URL: BRIDGE,
          PROFILE_PIC_BRIDGE_TOKEN: secrets.BRIDGE_TOKEN,
        }
      : alike,
    worker: whatsapp ? { ...service, PROFILE_PIC_BRIDGE_TOKEN: secrets.BRIDGE_TOKEN } : alike,
  };
}
