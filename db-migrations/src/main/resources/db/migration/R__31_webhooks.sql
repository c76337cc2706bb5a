-- Signed deliveries, each taken once, and webhooks that could not be read.
--
--   take_receipt(source, id, signed_at, token, late)  asks for a delivery before any work for it; returns
--       taken     go on, then accept_receipt or drop_receipt; a caller that calls neither within five seconds
--                 loses the delivery
--       repeated  it was accepted before, and has a new signature, or its scheme signs no time
--       replayed  the very same delivery was taken before: the same id and the same time of signing
--       busy      it was taken a moment ago and is not accepted yet
--       refused   its token has expired (late) and belongs to another delivery
--   accept_receipt(source, id), drop_receipt(source, id)
--   count_unrecognised(kind, instance, sample), list_unrecognised(callers)  callers: as in R__32
--
-- signed_at is the epoch for schemes that sign no time. Locks: the delivery's own row. Indexes: primary keys,
-- webhook_receipts_token.

CREATE OR REPLACE FUNCTION profile_pic.take_receipt(
  of_source text, of_id text, signed timestamptz, of_token text, late boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known profile_pic.webhook_receipts;
BEGIN
  IF late AND EXISTS (SELECT FROM profile_pic.webhook_receipts AS r
                      WHERE r.source = of_source AND r.token = of_token AND r.webhook_id <> of_id) THEN
    RETURN 'refused';
  END IF;
  INSERT INTO profile_pic.webhook_receipts (source, webhook_id, signed_at, token, open_until)
  VALUES (of_source, of_id, signed, of_token, clock_timestamp() + interval '5 seconds')
  ON CONFLICT (source, webhook_id) DO NOTHING;
  IF FOUND THEN
    RETURN 'taken';
  END IF;
  SELECT r.* INTO known FROM profile_pic.webhook_receipts AS r
  WHERE r.source = of_source AND r.webhook_id = of_id FOR UPDATE;
  IF NOT FOUND THEN
    -- The delivery was given up between the two statements.
    RETURN 'busy';
  END IF;
  IF known.open_until <= clock_timestamp() THEN
    UPDATE profile_pic.webhook_receipts AS r
    SET signed_at = signed, open_until = clock_timestamp() + interval '5 seconds'
    WHERE r.source = of_source AND r.webhook_id = of_id;
    RETURN 'taken';
  END IF;
  RETURN CASE WHEN known.signed_at = signed AND signed > 'epoch' THEN 'replayed'
              WHEN known.open_until IS NULL THEN 'repeated'
              ELSE 'busy' END;
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.accept_receipt(of_source text, of_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE profile_pic.webhook_receipts SET open_until = NULL, accepted_at = statement_timestamp()
  WHERE source = of_source AND webhook_id = of_id
$$;

CREATE OR REPLACE FUNCTION profile_pic.drop_receipt(of_source text, of_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  DELETE FROM profile_pic.webhook_receipts
  WHERE source = of_source AND webhook_id = of_id AND open_until IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION profile_pic.count_unrecognised(of_kind text, instance text, of_sample text)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO profile_pic.unrecognised_webhooks AS u (kind, instance_id, seen, sample)
  VALUES (of_kind, coalesce(instance, ''), 1, left(of_sample, 4000))
  ON CONFLICT (kind, instance_id) DO UPDATE
    SET seen = u.seen + 1, last_at = statement_timestamp(), sample = excluded.sample
$$;

CREATE OR REPLACE FUNCTION profile_pic.list_unrecognised(callers text[])
RETURNS TABLE (
  kind text, instance_id text, seen bigint, first_at timestamptz, last_at timestamptz, sample text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT u.kind, u.instance_id, u.seen, u.first_at, u.last_at, u.sample
  FROM profile_pic.unrecognised_webhooks AS u
  WHERE profile_pic.reaches(callers, u.instance_id)
  ORDER BY u.last_at DESC, u.kind, u.instance_id LIMIT 1000
$$;
