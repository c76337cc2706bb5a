import { type Cancel, type Clock, withDeadline } from '../../lookups/clock.js';
import type { Pool } from '../database/pool.js';
import type { Logger } from '../logging/logger.js';

export type Version = [number, number, number];

const DAY_MS = 24 * 60 * 60 * 1_000;
const FETCH_MS = 10_000;
/** The minimum interval between two reads of the page after a 405, over all instances together. */
const AGAIN_MS = 10 * 60_000;
const LONGEST_PAGE = 5_000_000;

/** WhatsApp Web's version, read once a day and after WhatsApp called ours too old; a failed read keeps the last one. */
export interface Versions {
  /** Returns the version; undefined means Baileys' own version. */
  current(): Version | undefined;
  /** Reads the version now, unless the last read was a short time ago. Never fails. */
  refresh(): Promise<void>;
  stop(): void;
}

export interface VersionPorts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly pool: Pool;
  /** The page that names the version; undefined when no page is read. */
  readonly url: string | undefined;
  /** The version that the operator set; it overrides the page. */
  readonly pinned: Version | undefined;
}

export async function startVersions({ clock, log, pool, url, pinned }: VersionPorts): Promise<Versions> {
  if (pinned || url === undefined) {
    return { current: () => pinned, refresh: async () => undefined, stop: () => undefined };
  }
  let cancel: Cancel = () => undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  let { version, fetchedAt } = await remembered(pool);

  const read = async () => {
    readAt = clock.now();
    try {
      version = await withDeadline(clock, FETCH_MS, fetchVersion(url));
      await remember(pool, version);
    } catch (err) {
      log.warn({ err }, 'the version of WhatsApp Web could not be read; the last one stays');
    }
  };

  const refresh = async () => {
    if (clock.now() - readAt < AGAIN_MS) return reading;
    reading = read();
    return reading;
  };

  const daily = () => {
    const due = Math.max(0, fetchedAt + DAY_MS - clock.now());
    cancel = clock.schedule(() => {
      fetchedAt = clock.now();
      void refresh().then(daily);
    }, due);
  };
  daily();
  return { current: () => version, refresh, stop: () => cancel() };
}

/** Reads the version with the same page and pattern as Baileys' `fetchLatestWaWebVersion`. */
async function fetchVersion(url: string): Promise<Version> {
  const response = await fetch(url, { headers: { 'sec-fetch-site': 'none' }, redirect: 'error' });
  const page = (await response.text()).slice(0, LONGEST_PAGE);
  const revision = /\\?"client_revision\\?":\s*(\d+)/.exec(page)?.[1];
  if (!response.ok || revision === undefined) throw new Error(`no version in the answer ${response.status}`);
  return [2, 3000, Number(revision)];
}

async function remembered(pool: Pool): Promise<{ version: Version | undefined; fetchedAt: number }> {
  const { rows } = await pool.query<{ version: string; fetched_at: Date }>(
    'SELECT version, fetched_at FROM bridge.whatsapp_version',
  );
  const [row] = rows;
  if (!row) return { version: undefined, fetchedAt: Number.NEGATIVE_INFINITY };
  return { version: row.version.split('.').map(Number) as Version, fetchedAt: row.fetched_at.getTime() };
}

async function remember(pool: Pool, version: Version): Promise<void> {
  await pool.query(
    `INSERT INTO bridge.whatsapp_version (version) VALUES ($1)
     ON CONFLICT (only_row) DO UPDATE SET version = excluded.version, fetched_at = now()`,
    [version.join('.')],
  );
}
