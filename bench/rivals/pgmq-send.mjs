// The code that a user would otherwise write: a plain Node handler that puts each webhook into PGMQ with one pgmq.send.
import { createServer } from 'node:http';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.POOL ?? 20) });
const SEND = { name: 'send', text: 'SELECT pgmq.send($1, $2::jsonb) AS id' };

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }).end(text);
}

async function take(chunks, response) {
  try {
    const { lead_id: leadId, phone } = JSON.parse(Buffer.concat(chunks).toString());
    if (!leadId || !phone) return answer(response, 400, { success: false });
    const message = { lead_id: leadId, phone, timestamp: new Date().toISOString(), retry_count: 0, sync_type: 'webhook' };
    const { rows } = await pool.query({ ...SEND, values: ['bench_send', JSON.stringify(message)] });
    answer(response, 202, { success: true, status: 'queued', lead_id: leadId, message_id: Number(rows[0].id) });
  } catch (error) {
    answer(response, 500, { success: false, error: error.message });
  }
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => take(chunks, response));
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('handler is ready'));
