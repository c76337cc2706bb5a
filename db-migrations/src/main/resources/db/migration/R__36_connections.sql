-- The connections of the bridge's numbers.

-- profile_pic.note_connection(...): records a number's new connection state, as a webhook reported it at the
-- time `at`. An event older than the recorded state changes nothing, unless the recorded time lies in the
-- future. restricted and unrestricted leave the state as it is, because the number stays connected.
--
-- callers  the instances that the caller's key is bound to; null when it is bound to none
-- returns  whether the state is new. Lock: the instance's row
CREATE OR REPLACE FUNCTION profile_pic.note_connection(
  instance text, state text, reason text, until timestamptz, at timestamptz, callers text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
#variable_conflict use_variable
BEGIN
  IF profile_pic.instance_or_null(instance) IS NULL OR NOT profile_pic.reaches(callers, instance)
    OR coalesce(state, '') !~ '^[a-z_]{1,20}$'
  THEN
    RETURN false;
  END IF;
  INSERT INTO profile_pic.instances (instance_id) VALUES (instance) ON CONFLICT DO NOTHING;
  IF state IN ('restricted', 'unrestricted') THEN
    UPDATE profile_pic.instances AS i
    SET restricted_until = CASE WHEN state = 'restricted' THEN until END, updated_at = statement_timestamp()
    WHERE i.instance_id = instance
      AND i.restricted_until IS DISTINCT FROM CASE WHEN state = 'restricted' THEN until END;
  ELSE
    UPDATE profile_pic.instances AS i
    SET connection_state = state, connection_reason = left(reason, 200), connection_until = until,
        connection_at = least(at, statement_timestamp()), updated_at = statement_timestamp()
    WHERE i.instance_id = instance
      AND NOT coalesce(at < i.connection_at AND i.connection_at <= statement_timestamp(), false);
  END IF;
  RETURN FOUND;
END
$$;

-- profile_pic.note_budgets(instances, budgets): records the bridge's budgets for its numbers, where a budget
-- has changed. Unknown instances are left out. Locks: rows of instances that change (SKIP LOCKED).
CREATE OR REPLACE FUNCTION profile_pic.note_budgets(instances text[], budgets jsonb[]) RETURNS void
LANGUAGE sql AS $$
  WITH changed AS (
    SELECT i.instance_id, b.budget FROM unnest(instances, budgets) AS b (instance_id, budget)
    JOIN profile_pic.instances AS i ON i.instance_id = b.instance_id
    WHERE i.budget IS DISTINCT FROM b.budget AND pg_column_size(b.budget) <= 2048
    ORDER BY i.instance_id FOR UPDATE OF i SKIP LOCKED
  )
  UPDATE profile_pic.instances AS i
  SET budget = c.budget, budget_at = statement_timestamp()
  FROM changed AS c WHERE i.instance_id = c.instance_id
$$;
