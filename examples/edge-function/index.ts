// supabase/functions/lead-photo/index.ts: requests a lead's photo through the queue, without a call to the receiver.
import { createClient } from 'npm:@supabase/supabase-js@2';
import { BadBody, messageOf } from './message.js';

// Every Edge Function has both variables. Only the service role key may send to the queue.
const supabase = createClient(Deno.env.get('SUPABASE_URL')!, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!);

Deno.serve(async (request) => {
  if (request.method !== 'POST') return answer(405, { success: false, error: 'POST only' });
  let message;
  try {
    message = messageOf(await request.json(), new Date());
  } catch (problem) {
    return answer(400, { success: false, error: problem instanceof BadBody ? problem.message : 'the body is no JSON' });
  }
  const { data, error } = await supabase
    .schema('pgmq_public')
    .rpc('send', { queue_name: 'profile_pic_queue', message, sleep_seconds: 0 });
  if (error) {
    console.error('not enqueued:', error.code, error.message);
    return answer(503, { success: false, error: 'the queue is away, send it again' });
  }
  return answer(202, { success: true, status: 'queued', message_id: data?.[0] ?? null });
});

const answer = (status: number, body: unknown) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
