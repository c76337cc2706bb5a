-- The bookkeeping of messages that were carried over before V30, in batches (queue/carry_over.sql), joins what V30 found itself: where
-- both know a message, it came back in between, and the later figures are the higher ones.
DO $$
BEGIN
  IF to_regclass('profile_pic.carried_over') IS NULL THEN
    RETURN;
  END IF;
  INSERT INTO profile_pic.deliveries AS d (msg_id, attempts, returned, lookup)
  SELECT c.msg_id, c.attempts, c.returned, c.lookup
  FROM profile_pic.carried_over AS c
  WHERE EXISTS (SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = c.msg_id)
  ON CONFLICT (msg_id) DO UPDATE
    SET attempts = greatest(d.attempts, excluded.attempts), returned = greatest(d.returned, excluded.returned), lookup = d.lookup OR excluded.lookup;
  DROP TABLE profile_pic.carried_over;
END
$$;
