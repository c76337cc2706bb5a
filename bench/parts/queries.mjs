// (i) Queries to WhatsApp: for a thousand refreshes and for a thousand new leads, in batches and with single lookups.
import { pause } from '../../bin/lib/processes.mjs';
import { reset } from '../lib/leads.mjs';
import { BRIDGE, FAKE_WHATSAPP, asked, contacts, fakeWhatsApp, pair, queriesSoFar, startBridge } from '../lib/whatsapp.mjs';

const LEADS = 1_000;
const CHANGED = 0.03;
const PATIENCE_MS = 240_000;
const INSTANCE = 'bench';

// The mix of people among a hundred, as in a CRM.
const kindOf = (n) => (n % 100 < 40 ? 'set' : n % 100 < 70 ? 'none' : n % 100 < 85 ? 'hidden' : 'not_on_whatsapp');


async function until(db, what, sql) {
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const { rows: [{ done }] } = await db.query(`SELECT ${sql} AS done`);
    if (done) return;
    await pause(200);
  }
  throw new Error(`${what} did not end within ${PATIENCE_MS / 1000} s`);
}

/** Returns the number of queries that the work cost, counted when no more queries are made. */
async function cost(work) {
  const before = await queriesSoFar();
  await work();
  const after = await queriesSoFar();
  const usync = after.usync - before.usync;
  const picture = after.picture - before.picture;
  return { usync, picture, all: usync + picture };
}

async function leads(db, phones) {
  await db.query('BEGIN');
  await db.query('SET LOCAL session_replication_role = replica');
  await db.query('INSERT INTO public.leads (id, phone, instance_id) SELECT gen_random_uuid(), p, $2 FROM unnest($1::text[]) AS p', [phones, INSTANCE]);
  await db.query('COMMIT');
}

async function sync(db, count) {
  await db.query(
    `INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ($1, 'without_photo', $2, 500)`, [INSTANCE, count]);
  await until(db, 'the bulk sync', `NOT EXISTS (SELECT FROM profile_pic.syncs WHERE state = 'RUNNING')`);
}

/** Measures new leads, and then refreshes of other leads, with one worker. */
async function measure(arena, db, { batches, count, first }) {
  const processes = arena.group();
  try {
    await reset(db);
    await db.query('TRUNCATE profile_pic.syncs, profile_pic.refreshes CASCADE');
    const worker = arena.worker(processes, 0, [
      `--profile-pic.bridge.url=${BRIDGE}`, `--profile-pic.picture-urls.trusted-origins=${FAKE_WHATSAPP}`, '--profile-pic.bridge.token=local-bridge-token',
      `--profile-pic.batches.enabled=${batches}`, '--profile-pic.batches.spacing=0s', '--profile-pic.batches.gathering=0s',
      // This pace is fast enough for a short run, and slow enough that a batch fills up.
      '--profile-pic.worker.pace-per-minute=3000', '--profile-pic.worker.poll-interval=100ms',
    ]);
    await processes.healthy(worker, arena.workerReady());

    const unknown = Array.from({ length: count }, (_, n) => ({ phone: String(first + n), picture: kindOf(n) }));
    await contacts(unknown);
    await leads(db, unknown.map(({ phone }) => phone));
    const fresh = await cost(() => sync(db, count));

    await reset(db);
    await db.query('TRUNCATE profile_pic.syncs, profile_pic.refreshes CASCADE');
    const known = Array.from({ length: count }, (_, n) => ({ phone: String(first + count + n), picture: 'set' }));
    await contacts(known);
    await leads(db, known.map(({ phone }) => phone));
    await sync(db, count);
    for (const { phone } of known.slice(0, Math.round(count * CHANGED))) await asked(`${FAKE_WHATSAPP}/admin/contacts/${phone}/change`, { method: 'POST', body: '{}' });
    const refreshed = await cost(async () => {
      await db.query('UPDATE profile_pic.pictures SET next_check_at = now()');
      await until(db, 'the refreshes', `NOT EXISTS (SELECT FROM profile_pic.pictures WHERE next_check_at < now() + interval '6 days')`);
    });
    const { rows: [{ stored }] } = await db.query(`SELECT count(*)::int AS stored FROM profile_pic.picture_history WHERE outcome = 'STORED'`);
    if (stored !== count + Math.round(count * CHANGED)) throw new Error(`${stored} photos were stored, which is not every one`);
    return { fresh, refreshed };
  } finally {
    await processes.stopAll();
  }
}

const perThousand = (cost, count) => Math.round((1000 * cost.all) / count);

export async function queries(arena, { scale }) {
  const count = Math.max(scale(LEADS), 200);
  const db = await arena.connect();
  const processes = arena.group();
  let single;
  let batched;
  try {
    const publicKey = await fakeWhatsApp(arena, processes);
    const bridge = startBridge(arena, processes, INSTANCE, publicKey);
    await processes.healthy(bridge, `${BRIDGE}/health`);
    await pair(INSTANCE);
    // Each run has different people, because the bridge remembers people that it has found.
    single = await measure(arena, db, { batches: false, count, first: 442070000000 });
    batched = await measure(arena, db, { batches: true, count, first: 442071000000 });
  } finally {
    await db.end();
    await processes.stopAll();
  }
  const row = (name, of) => [name, of(single).usync, of(single).picture, perThousand(of(single), count), of(batched).usync, of(batched).picture, perThousand(of(batched), count)];
  const refreshes = perThousand(batched.refreshed, count);
  const news = perThousand(batched.fresh, count);
  return {
    title: `Queries to WhatsApp, ${count} leads (fake WhatsApp, real bridge)`,
    columns: ['leads', 'alone: usync', 'picture', 'per 1,000', 'batches: usync', 'picture', 'per 1,000'],
    rows: [row(`refreshes, ${100 * CHANGED} % changed`, (run) => run.refreshed), row('new, 40 % show a photo', (run) => run.fresh)],
    notes: ['Of the new leads 30 % have no photo, 15 % hide it, 15 % are not on WhatsApp.'],
    data: { count, single, batched },
    aims: [
      { what: 'queries per 1,000 refreshes, 3 % changed', aim: '<= 60', got: String(refreshes), met: refreshes <= 60 },
      { what: 'queries per 1,000 new leads, 40 % with a photo', aim: '<= 450', got: String(news), met: news <= 450 },
    ],
  };
}
