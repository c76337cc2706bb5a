// Starts the bridge against the fake WhatsApp server. The server creates its root key at its first start, so the key is requested here.
const answer = await fetch(`${process.env.FAKE_WHATSAPP_URL}/admin/root-key`);
if (!answer.ok) throw new Error(`the fake WhatsApp answered ${answer.status} when asked for its root key`);
process.env.WHATSAPP_ROOT_PUBLIC_KEY = (await answer.json()).publicKey;
await import('/bridge/dist/src/main.js');
