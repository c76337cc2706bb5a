import express from 'express';
import makeWASocket, { DisconnectReason, WA_CERT_DETAILS, useMultiFileAuthState } from 'baileys';
import { createPictureService, expressRouter } from 'baileys-bridge-lookups';
import { pino } from 'pino';

const { PORT = '3000', PICTURES_TOKEN, RECEIVER_URL, RECEIVER_KEY, SESSIONS = './sessions' } = process.env;
const { WHATSAPP_WEB_SOCKET_URL: waWebSocketUrl, WHATSAPP_ROOT_PUBLIC_KEY: fakeKey } = process.env;
if (fakeKey) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(fakeKey, 'base64'); // the fake WhatsApp only

const instances = new Map(); // id -> { sock, qr }

async function startInstance(id) {
  const { state, saveCreds } = await useMultiFileAuthState(`${SESSIONS}/${id}`);
  const sock = makeWASocket({ auth: state, logger: pino({ level: 'silent' }), ...(waWebSocketUrl && { waWebSocketUrl }) });
  const instance = { sock, qr: null };
  instances.set(id, instance);
  sock.ev.on('creds.update', saveCreds);
  sock.ev.on('connection.update', ({ connection, lastDisconnect, qr }) => {
    if (qr) instance.qr = qr;
    if (connection === 'open') instance.qr = null;
    const code = lastDisconnect?.error?.output?.statusCode;
    if (connection === 'close' && code !== DisconnectReason.loggedOut) setTimeout(startInstance, code === 515 ? 0 : 5000, id);
  });
}

// New: the pictures of this server's own sockets, for the worker (PROFILE_PIC_BRIDGE_URL=http://this-server/whatsapp).
const pictures = createPictureService({
  socket: (id) => instances.get(id)?.sock,
  instances: () => instances.keys(),
  tokens: [PICTURES_TOKEN],
});

// The old functions keep their names, but now the worker does their work, with retries and pace.
export async function getProfilePictureUrl(id, phone) {
  const outcome = await pictures.lookups.of(id).lookup({ address: { kind: 'phone', phone }, type: 'image' });
  return outcome.status === 'found' ? outcome.url : null;
}
const hand = (path, body) =>
  fetch(`${RECEIVER_URL}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${RECEIVER_KEY}` },
    body: JSON.stringify(body),
  });
export const processNewLeadProfilePic = (id, lead) => hand(`/instance/${id}/process-profile-pic`, lead);
export const processBatchProfilePics = (id, batch) => hand(`/instance/${id}/sync-profile-pics-bulk`, batch);

const app = express();
app.use('/whatsapp', expressRouter(pictures));
app.use(express.json());
const passOn = async (answer, res) => res.status(answer.status).json(await answer.json());
app.post('/instance/:id/process-profile-pic', async (req, res) => passOn(await processNewLeadProfilePic(req.params.id, req.body), res));
app.post('/instance/:id/sync-profile-pics-bulk', async (req, res) => passOn(await processBatchProfilePics(req.params.id, req.body), res));
app.post('/instance/:id', async (req, res) => res.json(await startInstance(req.params.id).then(() => ({ success: true }))));
app.get('/instance/:id/qr', (req, res) => res.json({ qr: instances.get(req.params.id)?.qr ?? null }));
app.get('/instance/:id/picture/:phone', async (req, res) => res.json({ url: await getProfilePictureUrl(req.params.id, req.params.phone) }));
const server = app.listen(Number(PORT), '127.0.0.1', () => console.log(`listens on ${server.address().port}`));
