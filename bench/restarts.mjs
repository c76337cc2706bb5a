// Called by bin/restarts when everything is built: 64 connections post events while receiver and worker are killed and restarted
// repeatedly. Every event that was answered 2xx must have its effect exactly once.
import { Agent, request } from 'node:http';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pause } from '../bin/lib/processes.mjs';
import { KEY, openArena, ports } from './lib/arena.mjs';
import { reset, seedLeads } from './lib/leads.mjs';

const CONNECTIONS = 64;
const RETRY_MS = 200;
// A start uses both processors for seconds. Without pauses, the run would consist only of starts.
const CALM_MS = [12_000, 25_000];
const POSTING_SECONDS = 1_200;
const SETTLING_SECONDS = 300;

const events = Number(process.argv[2] ?? 200_000);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
/** Says whether the run was interrupted: then nothing is started any more. */
let interruption = false;
const between = ([least, most]) => least + Math.random() * (most - least);
const count = (tally, key) => (tally[key] = (tally[key] ?? 0) + 1);

/** Returns the status of one POST; 0 when the connection broke, so that it is unknown whether the event was accepted. */
function post(agent, body) {
  return new Promise((done) => {
    const call = request({
      agent, port: ports.receiver, host: '127.0.0.1', method: 'POST', path: '/profile-pics', timeout: 10_000,
      headers: { ...KEY, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    }, (answer) => {
      answer.resume();
      answer.once('end', () => done(answer.statusCode));
      answer.once('error', () => done(0));
    });
    call.once('timeout', () => call.destroy());
    call.once('error', () => done(0));
    call.end(body);
  });
}

/** Posts one event per lead, with retries until the answer is 2xx, as a webhook's sender does. */
async function postAll(leads, answers) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const deadline = Date.now() + POSTING_SECONDS * 1000;
  let next = 0;
  async function sender() {
    while (next < leads.length) {
      const { id, phone } = leads[next++];
      const body = JSON.stringify({ lead_id: id, phone, instance_id: 'bench', profile_pic_url: null });
      for (let status = 0; status !== 202; ) {
        status = await post(agent, body);
        count(answers, status);
        if (status !== 202) {
          if (Date.now() > deadline) throw new Error(`events are still refused after ${POSTING_SECONDS} s: ${JSON.stringify(answers)}`);
          await pause(RETRY_MS);
        }
      }
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, sender));
  agent.destroy();
}

/** Ends a service with SIGKILL or SIGTERM and starts it again, repeatedly; `done` says when to stop. */
async function restartAgainAndAgain(service, restarts, done) {
  while (true) {
    await pause(between(CALM_MS));
    if (done() || interruption) return;
    const signal = Math.random() < 0.7 ? 'SIGKILL' : 'SIGTERM';
    const gone = new Promise((exit) => service.entry.child.once('exit', exit));
    service.entry.child.kill(signal);
    await gone;
    if (interruption) return;
    await service.start();
    count(restarts, `${service.name} ${signal}`);
  }
}

const LEDGER = `
  SELECT (SELECT count(*) FROM public.leads WHERE profile_pic_url IS NULL)::int AS lost,
         (SELECT count(*) FROM (SELECT FROM profile_pic.picture_history WHERE outcome = 'STORED' GROUP BY lead_id HAVING count(*) > 1) AS d)::int AS doubled,
         (SELECT count(*) FROM profile_pic.picture_history WHERE outcome = 'STORED')::int AS effects,
         (SELECT count(*) FROM profile_pic.pictures WHERE attempts > 0)::int AS attempts,
         (SELECT count(*) FROM pgmq.q_profile_pic_queue)::int AS waiting,
         (SELECT count(*) FROM profile_pic.lead_writes)::int AS writes,
         (SELECT count(*) FROM pgmq.q_profile_pic_dlq)::int AS dead`;

/** Waits until no work is left, then reads the outcomes. The CRM's rows are written after the settle. */
async function settled(db) {
  const deadline = Date.now() + SETTLING_SECONDS * 1000;
  while (true) {
    const { rows: [ledger] } = await db.query(LEDGER);
    if ((ledger.waiting === 0 && ledger.writes === 0) || Date.now() > deadline) return ledger;
    await pause(1_000);
  }
}

async function run(arena) {
  const db = await arena.connect();
  const processes = arena.group();
  await reset(db);
  await arena.bridge(processes);
  const service = (name, launch, ready) => {
    const self = {
      name,
      async start() {
        self.entry = launch(processes);
        await processes.healthy(self.entry, ready);
      },
    };
    return self;
  };
  const services = [service('receiver', arena.receiver, arena.receiverReady), service('worker', arena.worker, arena.workerReady())];
  for (const each of services) await each.start();
  const leads = await seedLeads(db, events);
  console.log(`${events} events over ${CONNECTIONS} connections, receiver and worker restarted all the while`);

  const answers = {};
  const restarts = {};
  let posted = false;
  const begin = Date.now();
  const restarting = services.map((each) => restartAgainAndAgain(each, restarts, () => posted));
  const posting = postAll(leads, answers).then(() => (Date.now() - begin) / 1000).finally(() => (posted = true));
  const [seconds] = await Promise.all([posting, ...restarting]);
  const ledger = await settled(db);
  await db.end();

  console.log(`\nposted in ${Math.round(seconds)} s; answers by status (0: the connection broke): ${JSON.stringify(answers)}`);
  console.log(`restarts: ${JSON.stringify(restarts)}`);
  console.log(`${answers[202]} answered 202; ${ledger.effects} photos stored, ${ledger.lost} lost, ${ledger.doubled} doubled, ${ledger.waiting} waiting, ` +
    `${ledger.writes} writes of leads waiting, ${ledger.dead} dead letters, ${ledger.attempts} leads with attempts counted`);
  const right = ledger.effects === events && [ledger.lost, ledger.doubled, ledger.waiting, ledger.writes, ledger.dead].every((n) => n === 0);
  console.log(right ? 'the ledger balances' : 'THE LEDGER DOES NOT BALANCE');
  return right;
}

if (!Number.isInteger(events) || events < CONNECTIONS || events > 1_000_000) {
  console.error(`EVENTS must be between ${CONNECTIONS} and 1000000`);
  process.exit(2);
}
let arena;
let status = 1;
const interrupted = new Promise((_, stop) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      interruption = true;
      stop(new Error(`stopped by ${signal}`));
    });
  }
});
try {
  arena = await openArena({ root, directory: join(root, '.local/restarts') });
  status = (await Promise.race([run(arena), interrupted])) ? 0 : 1;
} catch (error) {
  console.error(`error: ${error.message}`);
}
await arena?.close();
process.exit(status);
