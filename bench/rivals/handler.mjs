// The work of every rival for a message, the same as the worker's: look the picture up, download it, store its bytes, write the lead.
import { createHash } from 'node:crypto';
import { Agent, request } from 'undici';

const bridge = process.env.BRIDGE_URL;
const agent = new Agent({ connections: Number(process.env.HTTP_CONNECTIONS ?? 64) });
const headers = { authorization: 'Bearer local-bridge-token' };

/** @returns {Promise<{leadId: string, url: string, key: string, bytes: Buffer}>} */
export async function fetchPicture({ lead_id: leadId, phone }) {
  const lookup = await request(`${bridge}/instances/bench/profile-picture?phone=${phone}&type=image`, { dispatcher: agent, headers });
  const { url } = await lookup.body.json();
  const picture = await request(url, { dispatcher: agent });
  const bytes = Buffer.from(await picture.body.arrayBuffer());
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { leadId, url: `http://127.0.0.1/avatars/${leadId}?v=${sha256.slice(0, 16)}`, key: `avatars/${sha256.slice(0, 2)}/${sha256}.jpg`, bytes };
}

/** Updates any number of leads in one statement, so that a rival with batches benefits from them. */
const TELL_LEADS = `
  WITH told AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) AS t (lead_id, url, key, bytes)
  ), kept AS (
    INSERT INTO profile_pic.avatars (storage_key, content_type, bytes)
    SELECT key, 'image/jpeg', bytes FROM told ON CONFLICT DO NOTHING
  )
  UPDATE public.leads AS l SET profile_pic_url = t.url, profile_pic_storage_path = t.key, updated_at = statement_timestamp()
  FROM told AS t WHERE l.id = t.lead_id`;

export function tellLeads(client, pictures) {
  return client.query({
    name: 'tell-leads',
    text: TELL_LEADS,
    values: [pictures.map((p) => p.leadId), pictures.map((p) => p.url), pictures.map((p) => p.key), pictures.map((p) => p.bytes)],
  });
}

/** Ends the process cleanly when the benchmark stops it. */
export function untilStopped(stop) {
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => stop().finally(() => process.exit(0)));
}
