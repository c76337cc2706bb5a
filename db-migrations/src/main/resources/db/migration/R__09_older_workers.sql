-- The functions for workers of the release before this one. Such a worker claims nothing, says why, and does
-- no harm. Its claim fails with the reason, which its log repeats. The leases of its remaining results are no
-- longer its own, and a newer worker serves those messages.
CREATE OR REPLACE FUNCTION profile_pic.claim(
  max_messages integer, scan integer, lease interval, default_instance text, default_pace integer)
RETURNS TABLE (msg_id bigint)
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'this worker is older than the database: it claims nothing'
    USING HINT = 'Start the worker of the same release as the migrations.', ERRCODE = 'feature_not_supported';
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.settle(results jsonb, pictures bytea[], archive boolean DEFAULT false)
RETURNS SETOF bigint
LANGUAGE sql AS $$ SELECT NULL::bigint WHERE false $$;

CREATE OR REPLACE FUNCTION profile_pic.reserve(instance text, default_pace integer) RETURNS bigint
LANGUAGE sql AS $$ SELECT 60000::bigint $$;
