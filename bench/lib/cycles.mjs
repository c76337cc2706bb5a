// The engine without a worker: calls claim and settle as a worker does, measures their time and keeps the pace.
import { enqueueRequests } from './drain-run.mjs';
import { median, percentile } from './statistics.mjs';

const CYCLE = 64;
const WARM_UP_CYCLES = 400;
export const PER_MINUTE = 50_000;

const CLAIM = `SELECT * FROM profile_pic.claim($1::text[], $2::timestamptz[], $3::int[], $4, interval '60 s', NULL, 6000000)`;
const SETTLE = `
  SELECT count(*)::int AS settled FROM profile_pic.settle($1::bigint[], $2::int[], array_fill('complete'::text, ARRAY[$4::int]), array_fill(0::bigint, ARRAY[$4::int]),
    array_fill('NOT_SET'::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(0, ARRAY[$4::int]),
    array_fill(NULL::timestamptz, ARRAY[$4::int]), $3::text[], $5::text[], array_fill(NULL::text, ARRAY[$4::int]), array_fill('bench'::text, ARRAY[$4::int]),
    array_fill(statement_timestamp(), ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]),
    array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::int, ARRAY[$4::int]), array_fill(NULL::int, ARRAY[$4::int]),
    array_fill(NULL::int, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]), array_fill(1::bigint, ARRAY[$4::int]),
    array_fill(NULL::bigint, ARRAY[$4::int]), array_fill(false, ARRAY[$4::int]), array_fill(0, ARRAY[$4::int]), array_fill(NULL::text, ARRAY[$4::int]),
    array_fill(false, ARRAY[$4::int]), array_fill(NULL::bytea, ARRAY[$4::int]), array_fill(statement_timestamp(), ARRAY[$4::int]), 'bench', false)`;

/** Runs the work and adds its milliseconds to the list. */
export async function timed(list, work) {
  const start = performance.now();
  const result = await work();
  list.push(performance.now() - start);
  return result;
}

/**
 * Calls claim once for one line.
 * @param since the position in the line, from the previous call or find_lines; null for its beginning
 * @returns {Promise<{messages: object[], since: string|null}>} the leased messages, and the position for the next call
 */
export async function claimLine(db, line, since, most) {
  const { rows } = await db.query({ name: 'claim', text: CLAIM, values: [[line], [since], [most], most] });
  return { messages: rows.filter((row) => row.msg_id !== null), since: rows.find((row) => row.msg_id === null)?.since ?? null };
}

async function settleAll(db, messages) {
  const { rows: [{ settled }] } = await db.query({
    name: 'settle', text: SETTLE,
    values: [messages.map((m) => m.msg_id), messages.map((m) => m.read_ct), messages.map((m) => m.lead_id), messages.length, messages.map((m) => m.lead_phone)],
  });
  if (settled !== messages.length) throw new Error(`of ${messages.length} results only ${settled} were settled`);
}

/** Enqueues, claims and settles one group of leads after the other, and starts again with the first after the last. */
export function engine(db, leads) {
  let next = 0;
  let since = null;
  const groupOfLeads = () => Array.from({ length: CYCLE }, () => leads[next++ % leads.length]);

  async function cycle(claims, settles) {
    await enqueueRequests(db, groupOfLeads());
    const claim = await timed(claims, () => claimLine(db, 'bench', since, CYCLE));
    since = claim.since;
    // An empty claim is fast, and would look like a good result.
    if (claim.messages.length !== CYCLE) throw new Error(`of ${CYCLE} requests ${claim.messages.length} were claimed`);
    await timed(settles, () => settleAll(db, claim.messages));
  }

  return {
    /** Runs every lead at least once, so that plans, caches and state rows are as in the long run. */
    async warmUp() {
      for (let n = 0; n < Math.max(WARM_UP_CYCLES, leads.length / CYCLE); n++) await cycle([], []);
    },
    /** Runs for the given seconds at PER_MINUTE, or as near to this rate as the machine can. */
    async run(seconds) {
      const claims = [];
      const settles = [];
      const begin = performance.now();
      while (performance.now() - begin < seconds * 1000) {
        await cycle(claims, settles);
        const ahead = begin + (claims.length * CYCLE * 60_000) / PER_MINUTE - performance.now();
        if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
      }
      const messages = claims.length * CYCLE;
      return {
        claim_p50: median(claims), claim_p99: percentile(claims, 0.99), settle_p50: median(settles), settle_p99: percentile(settles, 0.99),
        messages,
        per_minute: (messages * 60_000) / (performance.now() - begin),
      };
    },
  };
}
