// (i) Events beside operators who never pause: the latency of events while forty operators ask for the progress of the bulk syncs, compared
// with calm windows. Both kinds of windows alternate within one run, so that other work on the machine affects both.
import { KEY, ports } from '../lib/arena.mjs';
import { deliver, get, hammer, openLoop, post } from '../lib/http-load.mjs';
import { reset, seedLeads, settleDown } from '../lib/leads.mjs';
import { median, percentile, round } from '../lib/statistics.mjs';

const OPERATORS = 40;
const ITEMS = 1_000_000;
const SYNCS = 20;
const PER_SECOND = 300;
const SECONDS = 5;
const TURNS = 8;
const WARM_UP = 5_000;

/** Inserts twenty bulk syncs in a later state, with a million leads in total. */
async function seedSyncs(db, items) {
  await db.query('TRUNCATE profile_pic.syncs CASCADE');
  await db.query(
    `INSERT INTO profile_pic.syncs (instance_id, kind, state, total, batch_size, fed_all)
     SELECT 'n' || n, 'list', 'PAUSED', $1::int / $2::int, 500, true FROM generate_series(1, $2::int) AS n`, [items, SYNCS]);
  await db.query(
    `INSERT INTO profile_pic.sync_items (sync_id, lead_id, outcome)
     SELECT s.id, 'lead-' || n, CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN 'STORED' WHEN 2 THEN 'NOT_SET' ELSE 'HIDDEN' END
     FROM profile_pic.syncs AS s CROSS JOIN generate_series(1, $1::int / $2::int) AS n`, [items, SYNCS]);
  await db.query('VACUUM ANALYZE profile_pic.sync_items');
}

const events = (leads) => leads.map(({ id, phone }) => post('/profile-pics', { lead_id: id, phone, instance_id: 'bench', profile_pic_url: null }, KEY));

/** Runs one window of events at a steady rate; latencies count from the time when each event was due. */
const window = async (requests) => {
  const run = await openLoop({ port: ports.receiver, connections: 32, requests, perSecond: PER_SECOND });
  return { p50_ms: percentile(run.latencies, 0.5), p99_ms: percentile(run.latencies, 0.99), refused: run.rejected.length };
};

export async function operators(arena, { quick, scale }) {
  const db = await arena.connect();
  const processes = arena.group();
  const turns = quick ? 2 : TURNS;
  const size = PER_SECOND * SECONDS;
  const data = { calm: [], disturbed: [], operators: [] };
  try {
    await reset(db);
    await seedSyncs(db, scale(ITEMS));
    const leads = await seedLeads(db, WARM_UP + 2 * turns * size);
    const receiver = arena.receiver(processes);
    await processes.healthy(receiver, arena.receiverReady);
    await deliver({ port: ports.receiver, connections: 32, requests: events(leads.splice(0, WARM_UP)) });
    const status = get('/bulk-sync-status', KEY);
    await hammer({ port: ports.receiver, connections: OPERATORS, request: status, seconds: 2 }).done;
    await settleDown(db);
    for (let turn = 0; turn < turns; turn++) {
      data.calm.push(await window(events(leads.splice(0, size))));
      const greedy = hammer({ port: ports.receiver, connections: OPERATORS, request: status });
      data.disturbed.push(await window(events(leads.splice(0, size))));
      greedy.stop();
      data.operators.push(await greedy.done);
    }
  } finally {
    await db.query('TRUNCATE profile_pic.syncs CASCADE');
    await reset(db);
    await db.end();
    await processes.stopAll();
  }
  const ratio = median(data.disturbed.map((one, turn) => one.p99_ms / data.calm[turn].p99_ms));
  const of = (list, name) => round(median(list.map((one) => one[name])));
  const refused = [...data.calm, ...data.disturbed].reduce((sum, one) => sum + one.refused, 0);
  return {
    title: `Events beside ${OPERATORS} operators who never pause: ${PER_SECOND}/s, ${scale(ITEMS)} leads in ${SYNCS} bulk syncs (median of ${turns} turns)`,
    columns: ['', 'p50 ms', 'p99 ms', 'refused'],
    rows: [
      ['calm', of(data.calm, 'p50_ms'), of(data.calm, 'p99_ms'), data.calm.reduce((sum, one) => sum + one.refused, 0)],
      ['disturbed', of(data.disturbed, 'p50_ms'), of(data.disturbed, 'p99_ms'), data.disturbed.reduce((sum, one) => sum + one.refused, 0)],
    ],
    notes: [`The operators got ${of(data.operators, 'answered_per_second')} answers a second.`],
    data,
    aims: [
      { what: `intake p99 beside ${OPERATORS} greedy operators`, aim: '<= 1.5 x calm', got: `${round(ratio)} x`, met: ratio <= 1.5 },
      { what: 'events that were refused beside them', aim: '0', got: String(refused), met: refused === 0 },
    ],
  };
}
