-- What an operator does to leads and instances.

-- profile_pic.erase(lead): forgets a person: photo, history, phone, waiting and dead messages. What stays is a tombstone, so that no later
-- event fetches anything for them. The link in the CRM's row is cleared right after, by the writer (R__27). Erasing twice is harmless.
-- Returns whether there is such a lead, in the CRM or with us.
-- Locks: as settle does, queue rows before requests before pictures before avatars, 2 s at the most; never the CRM's row.
CREATE OR REPLACE FUNCTION profile_pic.erase(lead text) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  canonical text;
  known     profile_pic.pictures;
  messages  bigint[];
  entries   tid[];
BEGIN
  PERFORM set_config('lock_timeout', '2s', true);
  SELECT f.lead_id INTO canonical FROM profile_pic.find_leads(ARRAY[lead]) AS f LIMIT 1;
  canonical := coalesce(canonical, (SELECT p.lead_id FROM profile_pic.pictures AS p WHERE p.lead_id = lead));
  IF canonical IS NULL THEN
    RETURN false;
  END IF;

  messages := ARRAY(
    SELECT r.message_id FROM profile_pic.requests AS r WHERE r.lead_id = canonical AND r.message_id IS NOT NULL
    UNION SELECT lp.message_id FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = canonical AND lp.message_id IS NOT NULL);
  DELETE FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = ANY (messages);
  entries := ARRAY(SELECT e.row_at FROM profile_pic.lock_entries(messages) AS e);
  DELETE FROM profile_pic.waiting AS w WHERE w.ctid = ANY (entries);
  DELETE FROM profile_pic.deliveries AS d WHERE d.msg_id = ANY (messages);
  DELETE FROM profile_pic.lookup_siblings AS s WHERE s.lead_id = canonical;
  DELETE FROM profile_pic.requests AS r WHERE r.lead_id = canonical;

  INSERT INTO profile_pic.pictures (lead_id, phone, requested_at) VALUES (canonical, '', statement_timestamp()) ON CONFLICT DO NOTHING;
  SELECT p.* INTO known FROM profile_pic.pictures AS p WHERE p.lead_id = canonical FOR UPDATE;
  UPDATE profile_pic.pictures AS p
  SET state = 'ERASED', reason = 'ERASED', phone = '', jid = NULL, source_url = NULL, source_id = NULL, sha256 = NULL, content_type = NULL,
      width = NULL, height = NULL, bytes = NULL, storage_key = NULL, fetched_at = NULL, checked_at = NULL, next_check_at = NULL,
      attempts = 0, last_error = NULL, lead_url = NULL, erased_at = coalesce(p.erased_at, statement_timestamp()),
      requested_at = greatest(p.requested_at, statement_timestamp())
  WHERE p.lead_id = canonical;
  INSERT INTO profile_pic.lead_writes AS w (lead_id) VALUES (canonical)
  ON CONFLICT (lead_id) DO UPDATE SET next_at = statement_timestamp(), error = NULL, version = w.version + 1;

  DELETE FROM profile_pic.picture_history AS h WHERE h.lead_id = canonical;
  UPDATE profile_pic.sync_items AS i SET phone = NULL WHERE i.lead_id = canonical;
  DELETE FROM profile_pic.lead_phones AS lp WHERE lp.lead_id = canonical;
  DELETE FROM profile_pic.lids AS l WHERE known.phone <> '' AND profile_pic.same_phone(l.phone, known.phone);
  DELETE FROM pgmq.q_profile_pic_dlq AS d WHERE d.message ->> 'lead_id' IN (canonical, lead);
  DELETE FROM pgmq.a_profile_pic_queue AS a WHERE a.message ->> 'lead_id' IN (canonical, lead);
  -- Another lead may be given the same bytes at this moment: only who has the row's lock knows whether it was.
  PERFORM FROM profile_pic.avatars AS a WHERE a.storage_key = known.storage_key FOR UPDATE;
  DELETE FROM profile_pic.avatars AS a
  WHERE a.storage_key = known.storage_key AND NOT EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.storage_key = known.storage_key);
  RETURN true;
END
$$;

-- profile_pic.pause_instance(instance) and resume_instance(instance): an operator's pause, until resumed. It is a pause like
-- WhatsApp's own, a hundred years long. Its messages stay in their line meanwhile.
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
  SET paused_until = '-infinity', pause_reason = NULL, updated_at = statement_timestamp()
  WHERE i.instance_id = instance;
  PERFORM profile_pic.ring('*');
END
$$;
