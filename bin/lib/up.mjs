// Called by bin/up when everything is built: starts the stack, shows it, stops it.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { demo } from './demo.mjs';
import { createProcesses, pause, requireFreePort } from './processes.mjs';
import { API_KEY, createStack, DATABASE_URL, FAKE_WHATSAPP, ports, RECEIVER, table } from './stack.mjs';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const { Client } = createRequire(join(root, 'baileys-bridge/package.json'))('pg');
const options = { demo: process.argv.includes('--demo'), exit: process.argv.includes('--exit'), whatsapp: process.argv.includes('--whatsapp') };
if (options.exit && !options.demo) fail('--exit goes with --demo');
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
  console.log('\nEverything is up. Logs are in .local/logs/.\n');
  for (const [name, where, what] of options.whatsapp ? table.filter(([name]) => name !== 'fake WhatsApp') : table) {
    console.log(`  ${name.padEnd(20)} ${where.padEnd(52)} ${what}`);
  }
  console.log(`\nAPI key: ${API_KEY}`);
  if (options.whatsapp) console.log(`\nScan the QR code: ${stack.qrPage} (password: local-bridge-token)`);
}

/** Two lines to try, with a lead whose phone has a photo. */
async function showCurl(database) {
  // The lead of the README's example.
  const lead = '7b1c9a52-6b5e-4c40-9d7e-5f3f1f1b2a10';
  const phone = '5562999212484';
  await database.query('INSERT INTO public.leads (id, name, phone, instance_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [lead, 'Maria', phone, stack.instance]);
  if (!options.whatsapp) {
    await fetch(`${FAKE_WHATSAPP}/admin/contacts/${phone}`, {
      method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ picture: 'set' }),
    });
  }
  const key = `-H 'Authorization: Bearer ${API_KEY}'`;
  console.log(`\nThe lead Maria is in the table; its trigger has asked for her photo already. Ask again, and look:`);
  console.log(`  curl ${key} -d '{"lead_id":"${lead}","phone":"${phone}","force_update":true}' ${RECEIVER}/profile-pics`);
  console.log(`  curl ${key} ${RECEIVER}/leads/${lead}/profile-pic\n`);
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
  show();
  const right = options.demo ? await withDatabase((database) => demo(database, stack.instance)) : true;
  if (options.exit) return right ? 0 : 1;
  await withDatabase(showCurl);
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
