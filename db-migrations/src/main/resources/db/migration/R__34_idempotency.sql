-- Idempotency-Key (IETF draft-ietf-httpapi-idempotency-key-header): the answer to a call is stored for a
-- while, for its caller.
--
--   take_idempotency_key(caller, key, fingerprint, keep)  asks for a call before any work for it; returns one
--                                                         row:
--       taken     go on, then answer_ or drop_idempotency_key; a caller that calls neither within a minute
--                 loses the key
--       answered  with the stored answer
--       busy      the same call is being worked
--       other     the key was used for another call
--   answer_idempotency_key(caller, key, status, type, body)  stores the answer
--   drop_idempotency_key(caller, key)                        gives the key back: nothing was done
--   forget_idempotency_keys(keep)                            deletes older keys, the oldest 10,000 at a time,
--                                                            and of each caller all but the newest 100,000
--
-- keep: how long answers are stored; receivers from before V101 do not pass it, and a day applies.
--
-- Locks: the key's own row. Indexes: the primary key, idempotency_keys_taken, idempotency_keys_caller.
CREATE OR REPLACE FUNCTION profile_pic.take_idempotency_key(
  of_caller text, of_key text, print bytea, keep interval DEFAULT '1 day')
RETURNS TABLE (verdict text, status integer, content_type text, body bytea)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  known profile_pic.idempotency_keys;
BEGIN
  INSERT INTO profile_pic.idempotency_keys (caller, key, fingerprint, open_until)
  VALUES (of_caller, of_key, print, clock_timestamp() + interval '1 minute') ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN QUERY SELECT 'taken', NULL::integer, NULL::text, NULL::bytea;
    RETURN;
  END IF;
  SELECT k.* INTO known FROM profile_pic.idempotency_keys AS k
  WHERE k.caller = of_caller AND k.key = of_key FOR UPDATE;
  IF NOT FOUND THEN
    -- The key was given back between the two statements.
    RETURN QUERY SELECT 'busy', NULL::integer, NULL::text, NULL::bytea;
  ELSIF known.taken_at < statement_timestamp() - keep
    OR known.fingerprint = print AND known.open_until <= clock_timestamp() THEN
    UPDATE profile_pic.idempotency_keys AS k
    SET fingerprint = print, taken_at = statement_timestamp(),
        open_until = clock_timestamp() + interval '1 minute', status = NULL, content_type = NULL, body = NULL
    WHERE k.caller = of_caller AND k.key = of_key;
    RETURN QUERY SELECT 'taken', NULL::integer, NULL::text, NULL::bytea;
  ELSIF known.fingerprint <> print THEN
    RETURN QUERY SELECT 'other', NULL::integer, NULL::text, NULL::bytea;
  ELSIF known.open_until IS NULL THEN
    RETURN QUERY SELECT 'answered', known.status, known.content_type, known.body;
  ELSE
    RETURN QUERY SELECT 'busy', NULL::integer, NULL::text, NULL::bytea;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.answer_idempotency_key(
  of_caller text, of_key text, with_status integer, of_type text, with_body bytea)
RETURNS void
LANGUAGE sql AS $$
  UPDATE profile_pic.idempotency_keys
  SET open_until = NULL, status = with_status, content_type = of_type, body = with_body
  WHERE caller = of_caller AND key = of_key
$$;

CREATE OR REPLACE FUNCTION profile_pic.drop_idempotency_key(of_caller text, of_key text) RETURNS void
LANGUAGE sql AS $$
  DELETE FROM profile_pic.idempotency_keys
  WHERE caller = of_caller AND key = of_key AND open_until IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION profile_pic.forget_idempotency_keys(keep interval DEFAULT '1 day') RETURNS void
LANGUAGE sql AS $$
  WITH old AS MATERIALIZED (
    SELECT o.caller, o.key FROM profile_pic.idempotency_keys AS o
    WHERE o.taken_at < statement_timestamp() - keep ORDER BY o.taken_at LIMIT 10000
  )
  DELETE FROM profile_pic.idempotency_keys AS k
  USING old AS o WHERE k.caller = o.caller AND k.key = o.key AND k.taken_at < statement_timestamp() - keep;
  WITH crowd AS MATERIALIZED (
    SELECT c.caller, (SELECT o.taken_at FROM profile_pic.idempotency_keys AS o WHERE o.caller = c.caller
                      ORDER BY o.taken_at DESC OFFSET 100000 LIMIT 1) AS too_old
    FROM (SELECT DISTINCT x.caller FROM profile_pic.idempotency_keys AS x) AS c
  )
  DELETE FROM profile_pic.idempotency_keys AS k
  USING crowd AS c WHERE k.caller = c.caller AND k.taken_at <= c.too_old;
$$;
