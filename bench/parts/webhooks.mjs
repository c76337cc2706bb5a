// (k) Large webhooks: a list of ten thousand contacts, each with a LID, and messages with media.
import { KEY, ports } from '../lib/arena.mjs';
import { peakMegabytes } from '../lib/cpu.mjs';
import { learnPhones, reset, seedLeads, settleDown } from '../lib/leads.mjs';
import { median, round } from '../lib/statistics.mjs';

const CONTACTS = 10_000;
const LISTS = 5;
const MEDIA_BYTES = 30 * 1024 * 1024;
const SENDERS = 8;
const FIRST_LID = 111100000000;
const AIM_SECONDS = 2;

/** Sends one webhook as Evolution does. @returns {Promise<number>} the seconds until its answer */
async function webhook(event, data) {
  const body = JSON.stringify({ event, instance: 'bench', data });
  const start = performance.now();
  const answer = await fetch(`http://127.0.0.1:${ports.receiver}/webhooks/evolution`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...KEY }, body,
  });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`${event} was answered ${answer.status}: ${text.slice(0, 200)}`);
  return (performance.now() - start) / 1000;
}

/** Creates contacts of leads, each with a different LID. */
const contactsOf = (leads, first) => leads.map(({ phone }, n) => ({
  remoteJid: `${phone}@s.whatsapp.net`, lid: `${FIRST_LID + first + n}@lid`, pushName: 'Maria',
}));

const withMedia = ({ phone }) => ({
  key: { remoteJid: `${phone}@s.whatsapp.net`, fromMe: false, id: `media-${phone}` }, messageType: 'imageMessage',
  message: { imageMessage: { mimetype: 'image/jpeg' }, base64: 'A'.repeat(MEDIA_BYTES) },
});

export async function webhooks(arena, { quick, scale }) {
  const db = await arena.connect();
  const processes = arena.group();
  const contacts = scale(CONTACTS);
  const lists = quick ? 2 : LISTS;
  try {
    await reset(db);
    const leads = await seedLeads(db, (lists + 1) * contacts);
    await learnPhones(db);
    await settleDown(db);
    const receiver = arena.receiver(processes);
    await processes.healthy(receiver, arena.receiverReady);
    const part = (n) => leads.slice(n * contacts, (n + 1) * contacts);
    await webhook('contacts.upsert', contactsOf(part(lists), lists * contacts));
    const seconds = [];
    for (let n = 0; n < lists; n++) seconds.push(await webhook('contacts.upsert', contactsOf(part(n), n * contacts)));
    const { rows: [{ mapped }] } = await db.query("SELECT count(*)::int AS mapped FROM profile_pic.lids WHERE instance_id = 'bench'");
    if (mapped !== (lists + 1) * contacts) throw new Error(`${(lists + 1) * contacts} contacts were sent, ${mapped} LIDs are known`);
    const before = peakMegabytes(receiver.child.pid);
    await Promise.all(leads.slice(0, SENDERS).map((lead) => webhook('messages.upsert', withMedia(lead))));
    const grown = peakMegabytes(receiver.child.pid) - before;
    const sent = (SENDERS * MEDIA_BYTES) / 1024 ** 2;
    const data = { contacts, seconds, median_seconds: median(seconds), media_mb: sent, peak_grown_mb: grown };
    return {
      title: `Large webhooks (${lists} lists, ${SENDERS} messages with media at once)`,
      columns: ['what', 'figure'],
      rows: [
        [`a list of ${contacts} contacts with LIDs, all leads, POST to 202`, `${round(data.median_seconds)} s`],
        [`how far the receiver's peak of memory grew while ${sent} MB of media came`, `${round(grown)} MB`],
      ],
      data,
      aims: [
        { what: `a webhook of ${contacts} contacts with LIDs`, aim: `<= ${AIM_SECONDS} s`, got: `${round(data.median_seconds)} s`, met: data.median_seconds <= AIM_SECONDS },
        { what: 'memory for media that nobody needs', aim: '<= a quarter of it', got: `${round(grown)} of ${sent} MB`, met: grown <= sent / 4 },
      ],
    };
  } finally {
    await processes.stopAll();
    await reset(db);
    await db.end();
  }
}
