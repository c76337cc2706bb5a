-- What an operator does to leads and instances.

-- profile_pic.erase(lead): forgets a person: photo, history, phone, waiting and dead messages; the CRM's link is cleared. What stays
-- is a tombstone, so that no later event fetches anything for them. Erasing twice is harmless. Returns whether there is such
-- a lead, in the CRM or with us.
-- Locks: as settle does, queue rows before pictures before avatars before the CRM's row (250 ms at the most).
CREATE OR REPLACE FUNCTION profile_pic.erase(lead text) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  canonical text;
  old_key   text;
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  SELECT f.lead_id INTO canonical FROM profile_pic.find_leads(ARRAY[lead]) AS f LIMIT 1;
  canonical := coalesce(canonical, (SELECT p.lead_id FROM profile_pic.pictures AS p WHERE p.lead_id = lead));
  IF canonical IS NULL THEN
    RETURN false;
  END IF;

  DELETE FROM pgmq.q_profile_pic_queue AS q
  WHERE q.msg_id IN (
    SELECT p.pending_message_id FROM profile_pic.pictures AS p WHERE p.lead_id = canonical
    UNION ALL SELECT lp.message_id FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = canonical);

  INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) VALUES (canonical, '', statement_timestamp()) ON CONFLICT DO NOTHING;
  SELECT p.storage_key INTO old_key FROM profile_pic.pictures AS p WHERE p.lead_id = canonical FOR UPDATE;
  UPDATE profile_pic.pictures AS p
  SET state = 'ERASED', reason = 'ERASED', phone = '', jid = NULL, source_url = NULL, source_id = NULL, sha256 = NULL, content_type = NULL,
      width = NULL, height = NULL, bytes = NULL, storage_key = NULL, fetched_at = NULL, checked_at = NULL, next_check_at = NULL,
      attempts = 0, last_error = NULL, erased_at = coalesce(p.erased_at, statement_timestamp()), pending_message_id = NULL,
      pending_forced = false, requested_at = greatest(p.requested_at, statement_timestamp())
  WHERE p.lead_id = canonical;

  DELETE FROM profile_pic.picture_history AS h WHERE h.lead_id = canonical;
  UPDATE profile_pic.sync_items AS i SET phone = NULL WHERE i.lead_id = canonical;
  DELETE FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = canonical;
  DELETE FROM pgmq.q_profile_pic_dlq AS d WHERE d.message ->> 'lead_id' IN (canonical, lead);
  DELETE FROM pgmq.a_profile_pic_queue AS a WHERE a.message ->> 'lead_id' IN (canonical, lead);
  -- Another lead may be given the same bytes at this moment: only who has the row's lock knows whether it was.
  PERFORM FROM profile_pic.avatars AS a WHERE a.storage_key = old_key FOR UPDATE;
  DELETE FROM profile_pic.avatars AS a
  WHERE a.storage_key = old_key AND NOT EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.storage_key = old_key);

  PERFORM profile_pic.update_leads(ARRAY[canonical], ARRAY[NULL::text], ARRAY[NULL::text]);
  RETURN true;
END
$$;

-- profile_pic.pause_instance(instance) and resume_instance(instance): an operator's pause, until resumed. It is a pause like
-- WhatsApp's own, a hundred years long: the claim puts the instance's messages behind its end, and resuming brings them back.
CREATE OR REPLACE FUNCTION profile_pic.pause_instance(instance text) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO profile_pic.instances AS i (instance_id, paused_until, pause_reason)
  VALUES (instance, statement_timestamp() + interval '100 years', 'OPERATOR')
  ON CONFLICT (instance_id) DO UPDATE
    SET paused_until = excluded.paused_until, pause_reason = excluded.pause_reason, updated_at = statement_timestamp()
    WHERE i.paused_until < statement_timestamp() + interval '50 years';
$$;

CREATE OR REPLACE FUNCTION profile_pic.resume_instance(instance text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.instances AS i
  SET paused_until = '-infinity', pause_reason = NULL, updated_at = statement_timestamp(),
      next_slot_at = least(i.next_slot_at, statement_timestamp())
  WHERE i.instance_id = instance;
  -- What was put behind the pause, of whichever instance: others that still rest are put back by the next claim.
  UPDATE pgmq.q_profile_pic_queue AS q
  SET vt = statement_timestamp(), headers = q.headers - 'slot'
  WHERE q.vt > statement_timestamp() + interval '50 years';
  PERFORM pg_notify('profile_pic_queue', '');
END
$$;
