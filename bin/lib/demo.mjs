// bin/up --demo: 60 leads with one event each, and a check that each lead got the right outcome.
import { createHash } from 'node:crypto';
import { API_KEY, FAKE_WHATSAPP, RECEIVER } from './stack.mjs';
import { pause, until } from './processes.mjs';

const WITHIN_SECONDS = 90;

/** The kinds of people: the count of each kind, and the outcome that it must get. */
const KINDS = [
  { count: 45, label: 'with a photo', contact: { picture: 'set' }, state: 'STORED' },
  { count: 8, label: 'without', contact: { picture: 'none' }, state: 'NOT_SET' },
  { count: 4, label: 'hidden', contact: { picture: 'hidden' }, state: 'HIDDEN' },
  { count: 2, label: 'not on WhatsApp', contact: { picture: 'not_on_whatsapp' }, state: 'NOT_ON_WHATSAPP' },
  { count: 1, label: 'answered 429 first', contact: { picture: 'set', throttle_times: 1 }, state: 'STORED' },
];

/** Invented names. */
const FIRST = ['Ana', 'Bruno', 'Camila', 'Diego', 'Eduarda', 'Felipe', 'Gabriela', 'Henrique', 'Isabela', 'João', 'Karina', 'Leonardo', 'Mariana', 'Nelson', 'Olívia',
  'Paulo', 'Queila', 'Rafael', 'Sofia', 'Tiago', 'Úrsula', 'Vitor', 'Wanda', 'Yasmin', 'Zeca'];
const LAST = ['Moreira', 'Carvalho', 'Nogueira', 'Santana', 'Pires', 'Antunes', 'Teles', 'Duarte', 'Freitas', 'Lima', 'Azevedo', 'Braga', 'Coelho', 'Prado', 'Rezende',
  'Tavares', 'Ramos', 'Monteiro', 'Barreto', 'Vasconcelos', 'Farias', 'Sales', 'Queiroz'];
const nameOf = (index) => `${FIRST[(index * 7) % FIRST.length]} ${LAST[(index * 11) % LAST.length]}`;

const people = KINDS.flatMap((kind) => Array.from({ length: kind.count }, () => kind)).map((kind, index) => ({
  kind,
  leadId: `de300000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  phone: `55629${String(91000000 + index * 137)}`,
  name: nameOf(index),
}));

/** The leads in the form of a bulk sync. */
export const demoLeads = people.map(({ leadId, phone }) => ({ lead_id: leadId, phone }));

async function post(url, body, headers = {}, method = 'POST') {
  const answer = await fetch(url, {
    method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`);
}

async function addLeads(database, instance) {
  await database.query(
    `INSERT INTO public.leads (id, name, phone, instance_id)
     SELECT id::uuid, name, phone, $4 FROM unnest($1::text[], $2::text[], $3::text[]) AS p (id, name, phone)
     ON CONFLICT (id) DO NOTHING`,
    [people.map((p) => p.leadId), people.map((p) => p.name), people.map((p) => p.phone), instance],
  );
}

/** Reads the rows of the sixty leads: the state, and whether a request or a write of the lead's row still waits. */
async function look(database) {
  const { rows } = await database.query(
    `SELECT p.lead_id, p.state, p.reason, r.message_id IS NULL AND w.lead_id IS NULL AS idle, l.profile_pic_url, encode(sha256(a.bytes), 'hex') AS sha256
     FROM profile_pic.pictures p
     JOIN public.leads l ON l.id::text = p.lead_id
     LEFT JOIN profile_pic.requests r ON r.lead_id = p.lead_id
     LEFT JOIN profile_pic.lead_writes w ON w.lead_id = p.lead_id
     LEFT JOIN profile_pic.avatars a ON a.storage_key = l.profile_pic_storage_path
     WHERE p.lead_id = ANY ($1)`,
    [people.map((p) => p.leadId)],
  );
  return new Map(rows.map((row) => [row.lead_id, row]));
}

const arrived = (person, row) => row?.idle && row.state === person.kind.state;

function bar(done, elapsed) {
  const width = 40;
  const filled = Math.round((done / people.length) * width);
  return `  [${'#'.repeat(filled)}${'.'.repeat(width - filled)}] ${done}/${people.length}  ${elapsed.toFixed(1)} s`;
}

async function watch(database) {
  const start = Date.now();
  while (true) {
    const rows = await look(database);
    const done = people.filter((person) => arrived(person, rows.get(person.leadId))).length;
    const elapsed = (Date.now() - start) / 1000;
    if (process.stdout.isTTY) process.stdout.write(`\r${bar(done, elapsed)}`);
    if (done === people.length || elapsed > WITHIN_SECONDS) {
      process.stdout.write(`${process.stdout.isTTY ? '\r' : ''}${bar(done, elapsed)}\n`);
      return rows;
    }
    await pause(200);
  }
}

/** Checks that the stored bytes are those that the CDN serves, and that the lead's link serves them. */
async function photoProblem(person, row, { fakeWhatsApp }) {
  if (person.kind.state !== 'STORED') return row.profile_pic_url === null ? null : 'has a link without a photo';
  const served = await fetch(`${fakeWhatsApp}/admin/contacts/${person.phone}/image?type=image`);
  const expected = Buffer.from(await served.arrayBuffer());
  if (sha256(expected) !== row.sha256) return 'keeps other bytes than the CDN served';
  const shown = await fetch(row.profile_pic_url);
  const bytes = Buffer.from(await shown.arrayBuffer());
  return shown.ok && bytes.equals(expected) ? null : `has a link that answers ${shown.status} with ${bytes.length} bytes`;
}

async function problemOf(person, row, where) {
  if (!row) return 'was never enqueued';
  if (!arrived(person, row)) return `is ${row.state} (${row.reason}) instead of ${person.kind.state}`;
  return photoProblem(person, row, where);
}

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Changes the photo of one person and removes that of another: WhatsApp notifies the bridge, the bridge the receiver, and the leads change. */
async function changePhotos(database, { fakeWhatsApp }) {
  const [changer, remover] = people.filter((person) => person.kind.label === 'with a photo');
  const row = async (person) => (await look(database)).get(person.leadId);
  const kept = (await row(changer)).sha256;
  console.log('\n  one of them changes the photo, another removes theirs');
  await post(`${fakeWhatsApp}/admin/contacts/${changer.phone}/change`, {});
  await post(`${fakeWhatsApp}/admin/contacts/${remover.phone}/remove`, {});
  await until('the changed photo on the lead', async () => {
    const served = await fetch(`${fakeWhatsApp}/admin/contacts/${changer.phone}/image?type=image`);
    const now = await row(changer);
    return now.sha256 !== kept && now.sha256 === sha256(Buffer.from(await served.arrayBuffer()));
  });
  await until('the removed photo leaving the lead', async () => (await row(remover)).profile_pic_url === null);
  console.log('  both leads followed');
}

/**
 * @param where the addresses of the receiver and the fake WhatsApp; local mode's by default
 * @returns {Promise<boolean>} whether all sixty reached the right state
 */
export async function demo(database, instance, where = { receiver: RECEIVER, fakeWhatsApp: FAKE_WHATSAPP }) {
  console.log(`\nDemo: ${people.length} leads, an event each.`);
  await addLeads(database, instance);
  await post(`${where.fakeWhatsApp}/admin/contacts`, { contacts: people.map((p) => ({ phone: p.phone, ...p.kind.contact })) }, {}, 'PUT');
  for (const person of people) {
    await post(`${where.receiver}/profile-pics`, { lead_id: person.leadId, phone: person.phone, instance_id: instance, force_update: true },
      { Authorization: `Bearer ${API_KEY}` });
  }
  const rows = await watch(database);
  const problems = [];
  for (const person of people) {
    const problem = await problemOf(person, rows.get(person.leadId), where);
    if (problem) problems.push(`${person.name} (${person.kind.label}) ${problem}`);
  }
  console.log('\n  people                 expected           reached');
  for (const kind of KINDS) {
    const mine = people.filter((p) => p.kind === kind);
    const reached = mine.filter((p) => arrived(p, rows.get(p.leadId))).length;
    console.log(`  ${`${kind.count} ${kind.label}`.padEnd(22)} ${kind.state.padEnd(18)} ${reached}`);
  }
  problems.forEach((problem) => console.error(`  problem: ${problem}`));
  console.log(problems.length ? `\n${problems.length} of ${people.length} are not right.` : `\nAll ${people.length} are right.`);
  if (problems.length) return false;
  await changePhotos(database, where);
  return true;
}
