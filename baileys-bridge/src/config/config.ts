import { z } from 'zod';
import { type Connection, connections } from '../database/pool.js';
import { instanceId } from '../instances/instance-id.js';
import * as field from './fields.js';

const mode = z.enum(['local', 'production']).default('production');

/**
 * All environment variables of the bridge. {@link loadConfig} fills in the defaults that differ between the modes.
 */
const environment = z.object({
  BRIDGE_MODE: mode,
  BRIDGE_HOST: z.string().min(1).default('127.0.0.1'),
  BRIDGE_PORT: field.integer(0, 65_535).default(3001),
  BRIDGE_TOKENS: field.list(z.string().min(8, 'each token needs at least 8 characters')),
  BRIDGE_DATABASE_URL: field.url(['postgres:', 'postgresql:']),
  BRIDGE_DATABASE_CONNECTION: z.enum(connections, `must be ${connections.join(', ')}`).default('direct'),
  BRIDGE_DATABASE_POOL: field.integer(1, 100).default(1),
  BRIDGE_DATABASE_CONTROL_POOL: field.integer(1, 100).default(2),
  BRIDGE_MIGRATE: field.onOff.default(true),
  BRIDGE_ENCRYPTION_KEY: field.base64Key(32).optional(),
  BRIDGE_INSTANCES: field.list(instanceId).default([]),
  BRIDGE_LEASE_SECONDS: field.integer(3, 20).default(15),
  BRIDGE_LOOKUPS_PER_MINUTE: field.integer(1, 60_000).optional(),
  BRIDGE_LOOKUP_MAX_WAIT_MS: field.integer(0, 60_000).default(3_000),
  BRIDGE_BATCH_SPACING_SECONDS: field.integer(0, 3_600).optional(),
  BRIDGE_VERSION_REFRESH: field.onOff.default(true),
  WHATSAPP_VERSION_URL: field.url(['http:', 'https:']).optional(),
  BRIDGE_LOOKUP_DEADLINE_MS: field.integer(100, 120_000).default(8_000),
  BRIDGE_THROTTLED_RETRY_AFTER_SECONDS: field.integer(1, 86_400).default(60),
  BRIDGE_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  BRIDGE_INBOUND_EVENT_SECONDS: field.integer(0, 86_400).optional(),
  BRIDGE_OUTBOX_LIMIT: field.integer(100, 10_000_000).default(100_000),
  BRIDGE_OUTBOX_DAYS: field.integer(1, 365).default(30),
  BRIDGE_CONTACT_DAYS: field.integer(1, 3_650).default(30),
  BRIDGE_WEBHOOK_SECRET: field.webhookSecret.optional(),
  RECEIVER_URL: field.url(['http:', 'https:']).optional(),
  WHATSAPP_WEB_SOCKET_URL: field.url(['ws:', 'wss:']).optional(),
  WHATSAPP_VERSION: field.whatsappVersion.optional(),
  WHATSAPP_ROOT_PUBLIC_KEY: field.base64Key(32).optional(),
});

/** Every variable with its parsed default; undefined when it has no default, or when the modes differ. */
export const variables: ReadonlyMap<string, unknown> = new Map(
  Object.entries(environment.shape).map(([name, type]) => [name, type.safeParse(undefined).data]),
);

export interface Config {
  readonly mode: 'local' | 'production';
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tokens: readonly string[];
  readonly databaseUrl: string;
  readonly database: {
    readonly connection: Connection;
    /** Connections for leases, states, lookups and events. */
    readonly control: number;
    /** Connections for the keys of WhatsApp sessions. */
    readonly sessions: number;
  };
  readonly migrate: boolean;
  /** 32 bytes. Local mode uses a constant when no key is given. */
  readonly encryptionKey: Buffer;
  /** The instances that are created at start when they do not exist yet. */
  readonly instances: readonly string[];
  /** The time for which a process owns an instance after the last renewal. */
  readonly leaseSeconds: number;
  readonly lookups: {
    /** The safety ceiling of each instance, in queries. */
    readonly perMinute: number;
    readonly maxWaitMs: number;
    readonly batchSpacingMs: number;
    readonly deadlineMs: number;
    readonly throttledRetryAfterSeconds: number;
  };
  readonly logLevel: string;
  /** The retention of data about people, in days. */
  readonly keep: {
    /** Addresses under which WhatsApp knows phones, counted from its last confirmation. */
    readonly contactDays: number;
    /** Events that the receiver did not accept. */
    readonly outboxDays: number;
  };
  readonly events:
    | {
        readonly receiverUrl: string;
        readonly secret: Buffer;
        readonly inboundEventSeconds: number;
        readonly outboxLimit: number;
      }
    | undefined;
  readonly whatsapp: {
    readonly webSocketUrl?: string;
    readonly version?: [number, number, number];
    readonly rootPublicKey?: Buffer;
    /** The page from which the newest version is read; undefined when it is not read. */
    readonly versionUrl?: string;
  };
}

const WHATSAPP_WEB = 'https://web.whatsapp.com/sw.js';

/** The bridge refuses to start with this configuration; the message names each wrong variable and its remedy. */
export class ConfigError extends Error {}

/** The key of local mode. It is public on purpose: local mode has no real data, and encryption uses the same code. */
const LOCAL_MODE_KEY = Buffer.from('local mode: this key is not safe');

/** The tokens that this repository publishes for local mode, so that every reader knows them. */
const PUBLIC_TOKENS = new Set(['local-bridge-token']);
const PUBLIC_WEBHOOK_SECRET = Buffer.from('local-webhook-secret-for-bin-up');

/** @throws ConfigError that names every wrong variable */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => describe(issue, given)).join('\n'));
  }
  const e = parsed.data;
  const local = e.BRIDGE_MODE === 'local';
  const wrong = crossChecks(e, local);
  if (wrong.length > 0) throw new ConfigError(wrong.join('\n'));
  const versionUrl =
    e.WHATSAPP_VERSION_URL ?? (e.WHATSAPP_WEB_SOCKET_URL === undefined ? WHATSAPP_WEB : undefined);
  const perMinute = e.BRIDGE_LOOKUPS_PER_MINUTE ?? (local ? 6_000 : 180);
  return {
    mode: e.BRIDGE_MODE,
    host: e.BRIDGE_HOST,
    port: e.BRIDGE_PORT,
    tokens: e.BRIDGE_TOKENS,
    databaseUrl: e.BRIDGE_DATABASE_URL,
    database: {
      connection: e.BRIDGE_DATABASE_CONNECTION,
      control: e.BRIDGE_DATABASE_CONTROL_POOL,
      sessions: e.BRIDGE_DATABASE_POOL,
    },
    migrate: e.BRIDGE_MIGRATE,
    encryptionKey: e.BRIDGE_ENCRYPTION_KEY ?? LOCAL_MODE_KEY,
    instances: e.BRIDGE_INSTANCES,
    leaseSeconds: e.BRIDGE_LEASE_SECONDS,
    lookups: {
      perMinute,
      maxWaitMs: e.BRIDGE_LOOKUP_MAX_WAIT_MS,
      batchSpacingMs: (e.BRIDGE_BATCH_SPACING_SECONDS ?? (local ? 0 : 20)) * 1_000,
      deadlineMs: e.BRIDGE_LOOKUP_DEADLINE_MS,
      throttledRetryAfterSeconds: e.BRIDGE_THROTTLED_RETRY_AFTER_SECONDS,
    },
    logLevel: e.BRIDGE_LOG_LEVEL,
    keep: { contactDays: e.BRIDGE_CONTACT_DAYS, outboxDays: e.BRIDGE_OUTBOX_DAYS },
    events:
      e.RECEIVER_URL !== undefined && e.BRIDGE_WEBHOOK_SECRET !== undefined
        ? {
            receiverUrl: e.RECEIVER_URL.replace(/\/+$/, ''),
            secret: e.BRIDGE_WEBHOOK_SECRET,
            inboundEventSeconds: e.BRIDGE_INBOUND_EVENT_SECONDS ?? (local ? 0 : 600),
            outboxLimit: e.BRIDGE_OUTBOX_LIMIT,
          }
        : undefined,
    whatsapp: {
      ...(e.WHATSAPP_WEB_SOCKET_URL !== undefined && { webSocketUrl: e.WHATSAPP_WEB_SOCKET_URL }),
      ...(e.WHATSAPP_VERSION !== undefined && { version: e.WHATSAPP_VERSION }),
      ...(e.BRIDGE_VERSION_REFRESH && versionUrl !== undefined && { versionUrl }),
      ...(e.WHATSAPP_ROOT_PUBLIC_KEY !== undefined && { rootPublicKey: e.WHATSAPP_ROOT_PUBLIC_KEY }),
    },
  };
}

function crossChecks(e: z.infer<typeof environment>, local: boolean): string[] {
  const wrong: string[] = [];
  if (!local && e.BRIDGE_ENCRYPTION_KEY === undefined) {
    wrong.push(
      'BRIDGE_ENCRYPTION_KEY is required outside local mode: WhatsApp credentials are stored encrypted. ' +
        'Make one with `openssl rand -base64 32` and keep it safe; without it every number must be paired again.',
    );
  }
  if (!local && e.BRIDGE_ENCRYPTION_KEY?.equals(LOCAL_MODE_KEY)) {
    wrong.push(
      "BRIDGE_ENCRYPTION_KEY is local mode's key, which is public. Make one with `openssl rand -base64 32`.",
    );
  }
  if (!local && e.BRIDGE_TOKENS.some((token) => PUBLIC_TOKENS.has(token))) {
    wrong.push(
      "BRIDGE_TOKENS holds local mode's token, which is public. Make one with `openssl rand -hex 32`.",
    );
  }
  if (!local && e.BRIDGE_WEBHOOK_SECRET?.equals(PUBLIC_WEBHOOK_SECRET)) {
    wrong.push(
      "BRIDGE_WEBHOOK_SECRET is local mode's, which is public. Make one with `echo whsec_$(openssl rand -base64 32)`.",
    );
  }
  if (!local && e.WHATSAPP_ROOT_PUBLIC_KEY !== undefined) {
    wrong.push(
      'WHATSAPP_ROOT_PUBLIC_KEY is accepted in local mode only, since whoever owns that key can read everything. ' +
        'Remove it, or set BRIDGE_MODE=local to talk to a fake WhatsApp server.',
    );
  }
  if (e.RECEIVER_URL !== undefined && e.BRIDGE_WEBHOOK_SECRET === undefined) {
    wrong.push(
      'BRIDGE_WEBHOOK_SECRET is required with RECEIVER_URL: events are always signed. ' +
        'Make one with `echo whsec_$(openssl rand -base64 32)` and give the receiver the same.',
    );
  }
  return wrong;
}

function describe(issue: z.core.$ZodIssue, given: Record<string, unknown>): string {
  const name = String(issue.path[0]);
  if (!(name in given)) return `${name} is required: ${field.hints[name] ?? 'see README.md'}`;
  return `${name} is wrong: ${issue.message}`;
}
