// Called by bin/up when everything is built: starts the stack, prints its addresses, and stops it.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { demo, demoLeads } from './demo.mjs';
import { checkPanels, startPrometheus } from './panels.mjs';
import { createProcesses, pause, requireFreePort } from './processes.mjs';
import { README_LEAD, tryReadme } from './readme.mjs';
import { createStack, DATABASE_URL, FAKE_WHATSAPP, ports, RECEIVER, table } from './stack.mjs';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const { Client } = createRequire(join(root, 'baileys-bridge/package.json'))('pg');
const given = (name) => process.argv.includes(`--${name}`);
const options = { demo: given('demo'), exit: given('exit'), panels: given('panels'), whatsapp: given('whatsapp') };
if ((options.exit || options.panels) && !options.demo) fail('--exit and --panels go with --demo');
if (options.demo && options.whatsapp) fail('--demo needs the fake WhatsApp: its people do not exist');

const processes = createProcesses(join(root, '.local/logs'));
const stack = createStack(root, processes, options);
let stopping = false;
const interrupted = new Promise((signalled) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => signalled((stopping = true)));
});

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(2);
}

function show() {
  console.log(`\nThe console: ${RECEIVER}/ (sign in with the API key below)`);
  console.log('\nEverything is up. Logs are in .local/logs/.\n');
  for (const [name, where, what] of options.whatsapp ? table.filter(([name]) => name !== 'fake WhatsApp') : table) {
    console.log(`  ${name.padEnd(20)} ${where.padEnd(52)} ${what}`);
  }
  if (!options.whatsapp) return console.log(`\nAPI key: ${stack.apiKey}`);
  console.log(`\nAPI key and bridge token: API_KEY and BRIDGE_TOKEN in ${stack.secretsFile}`);
  console.log(`\nScan the QR code: ${stack.qrPage} (any user name, the password is BRIDGE_TOKEN)`);
}

/** Inserts the README's lead, who has a photo in the fake WhatsApp, so that the README's first command works. Not called with the real WhatsApp. */
async function seedReadmeLead(database) {
  const { id, phone, name } = README_LEAD;
  await fetch(`${FAKE_WHATSAPP}/admin/contacts/${phone}`, {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ picture: 'set' }),
  });
  await database.query('INSERT INTO public.leads (id, name, phone, instance_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [id, name, phone, stack.instance]);
}

/** Prints two commands to try. */
function showCurl() {
  const { id, phone, name } = README_LEAD;
  const key = `-H 'Authorization: Bearer ${stack.apiKey}'`;
  console.log(`\nThe lead ${name} is in the table; its trigger has asked for a photo already. Ask again, and look:`);
  console.log(`  curl ${key} -d '{"lead_id":"${id}","phone":"${phone}","force_update":true}' ${RECEIVER}/profile-pics`);
  console.log(`  curl ${key} ${RECEIVER}/leads/${id}/profile-pic\n`);
}

/** Runs the README's commands unchanged. */
function checkReadme() {
  const problems = tryReadme(join(root, 'README.md'));
  console.log(problems.length ? problems.join('\n') : "\nThe README's commands work.");
  return problems.length === 0;
}

/** Checks that bin/doctor finds no problem with the running parts. */
function checkDoctor() {
  const local = { ...process.env };
  delete local.PROFILE_PIC_DATABASE_URL;
  return spawnSync(join(root, 'bin/doctor'), ['--quiet'], { stdio: 'inherit', env: local }).status === 0;
}

/** Checks the demo, the README's commands and the doctor, each only if the previous check succeeded. */
async function checkAll() {
  if (options.panels) await startPrometheus(root, processes);
  if (!(await withDatabase((database) => demo(database, stack.instance)))) return false;
  if (options.panels && !(await checkPanels(root, { ...stack, receiver: RECEIVER }, demoLeads))) return false;
  return checkReadme() && checkDoctor();
}

async function withDatabase(use) {
  const database = new Client({ connectionString: DATABASE_URL });
  await database.connect();
  try {
    return await use(database);
  } finally {
    await database.end();
  }
}

async function stayUntilStopped() {
  while (!stopping) {
    processes.lookAfter((what) => console.log(what));
    await Promise.race([interrupted, pause(1000)]);
  }
}

async function run() {
  for (const [owner, port] of Object.entries(ports)) await requireFreePort(port, owner);
  await stack.start((step) => console.log(step));
  if (!options.whatsapp) await withDatabase(seedReadmeLead);
  show();
  const right = options.demo ? await checkAll() : true;
  if (options.exit) return right ? 0 : 1;
  if (!options.whatsapp) showCurl();
  console.log('Ctrl-C stops everything.');
  await stayUntilStopped();
  return 0;
}

let status = 1;
try {
  status = await Promise.race([run(), interrupted.then(() => 0)]);
} catch (error) {
  console.error(`error: ${error.message}`);
}
console.log('stopping');
await processes.stopAll();
process.exit(status);
