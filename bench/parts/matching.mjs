// (g) The cost of finding the leads of a phone, in a CRM with a million leads.
import { KEY, ports } from '../lib/arena.mjs';
import { closedLoop, post } from '../lib/http-load.mjs';
import { learnPhones, reset, seedLeads, settleDown } from '../lib/leads.mjs';
import { percentile, round } from '../lib/statistics.mjs';

const LEADS = 1_000_000;
const LOOKUPS = 5_000;
const WEBHOOKS = 2_000;
const FIRST_PHONE = 5562991000000;

const anyPhone = (leads) => FIRST_PHONE + 1 + Math.floor(Math.random() * leads);

/** Measures the receiver's own query, as LeadMatcher runs it. */
async function timeLookups(db, leads, count) {
  const milliseconds = [];
  for (let call = -100; call < count; call++) {
    const suffix = String(anyPhone(leads)).slice(-8);
    const start = performance.now();
    const { rows } = await db.query({
      name: 'match', text: 'SELECT lead_id, phone, instance_id FROM profile_pic.match_leads($1::text[], $2)', values: [[suffix], 20],
    });
    if (call >= 0) milliseconds.push(performance.now() - start);
    if (rows.length !== 1) throw new Error(`one lead ends in ${suffix}, ${rows.length} were found`);
  }
  return milliseconds;
}

const message = (phone) =>
  post('/webhooks/whatsapp-web', {
    instanceId: 'bench', from: `${phone}@s.whatsapp.net`, fromMe: false, messageId: `bench-${phone}`, timestamp: new Date().toISOString(),
    data: { contactName: 'Maria', mediaUrl: null, messageType: 'text' },
  }, KEY);

/** Measures one webhook after the other, each with a different phone: key, matching, dedupe, enqueue and commit. */
async function timeWebhooks(leads, count) {
  const step = Math.floor(leads / (2 * count));
  const requests = Array.from({ length: 2 * count }, (_, n) => message(FIRST_PHONE + 1 + n * step));
  await closedLoop({ port: ports.receiver, connections: 1, requests: requests.slice(0, count) });
  const run = await closedLoop({ port: ports.receiver, connections: 1, requests: requests.slice(count) });
  if ((run.statuses[202] ?? 0) !== count) throw new Error(`webhooks were refused: ${JSON.stringify(run.statuses)}`);
  return run.latencies;
}

export async function matching(arena, { scale }) {
  const db = await arena.connect();
  const processes = arena.group();
  const leads = scale(LEADS);
  try {
    await reset(db);
    await seedLeads(db, leads);
    const learnSeconds = await learnPhones(db);
    await settleDown(db);
    const lookups = await timeLookups(db, leads, scale(LOOKUPS));
    const receiver = arena.receiver(processes);
    await processes.healthy(receiver, arena.receiverReady);
    const webhooks = await timeWebhooks(leads, scale(WEBHOOKS));
    const { rows: [{ kept }] } = await db.query('SELECT count(*)::int AS kept FROM pgmq.q_profile_pic_queue');
    if (kept !== 2 * scale(WEBHOOKS)) throw new Error(`${2 * scale(WEBHOOKS)} webhooks were accepted, ${kept} messages are in the queue`);
    const data = {
      leads, learn_seconds: learnSeconds,
      match_p50_ms: percentile(lookups, 0.5), match_p99_ms: percentile(lookups, 0.99),
      webhook_p50_ms: percentile(webhooks, 0.5), webhook_p99_ms: percentile(webhooks, 0.99),
    };
    return {
      title: `Finding the leads of a phone among ${leads} (ms)`,
      columns: ['what', 'p50', 'p99'],
      rows: [
        ['matching alone, round trip included', round(data.match_p50_ms), round(data.match_p99_ms)],
        ['a webhook without lead id, POST to 202', round(data.webhook_p50_ms), round(data.webhook_p99_ms)],
      ],
      notes: [`Learning the phones of the leads that were there before took ${round(learnSeconds)} s, in steps of 10,000.`],
      data,
      aims: [{ what: `lead matching p99 at ${leads} leads`, aim: '<= 5 ms', got: `${round(data.match_p99_ms)} ms`, met: data.match_p99_ms <= 5 }],
    };
  } finally {
    await processes.stopAll();
    await reset(db);
    await db.end();
  }
}
