// Scans the QR code of an instance with a phone of the fake WhatsApp, unless the instance is already paired.
const { FAKE_WHATSAPP_URL, BRIDGE_URL, BRIDGE_TOKEN, INSTANCE, PHONE } = process.env;
// When all containers restart together on a busy machine, the database and the bridge take more than a minute.
const WITHIN_MS = 240_000;

async function askForQr() {
  const answer = await fetch(`${BRIDGE_URL}/instances/${INSTANCE}/qr?format=json`, {
    headers: { Authorization: `Bearer ${BRIDGE_TOKEN}` },
  });
  if (!answer.ok) throw new Error(`the bridge answered ${answer.status} when asked for the QR code of ${INSTANCE}`);
  return answer.json();
}

async function scan(qr) {
  const answer = await fetch(`${FAKE_WHATSAPP_URL}/admin/scan`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ qr, jid: PHONE }),
  });
  // A code that was replaced before the scan is refused; the loop tries the next code.
  if (!answer.ok) console.log(`the scan was answered ${answer.status}`);
}

/** Connects the instance: after it gave up waiting, it needs a request to connect again. */
async function connect() {
  const answer = await fetch(`${BRIDGE_URL}/instances/${INSTANCE}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${BRIDGE_TOKEN}` },
  });
  if (!answer.ok) throw new Error(`the bridge answered ${answer.status} when asked to connect ${INSTANCE}`);
}

const deadline = Date.now() + WITHIN_MS;
let connected = false;
let scanned;
let state = 'not reached';
while (state !== 'open' && Date.now() < deadline) {
  try {
    if (!connected) {
      await connect();
      connected = true;
    }
    const shown = await askForQr();
    state = shown.state;
    if (shown.qr && shown.qr !== scanned) {
      scanned = shown.qr;
      await scan(scanned);
    }
  } catch (failure) {
    // All containers may be starting at this moment.
    console.log(failure.message);
  }
  await new Promise((done) => setTimeout(done, 300));
}
console.log(`instance ${INSTANCE} is ${state}`);
process.exit(state === 'open' ? 0 : 1);
