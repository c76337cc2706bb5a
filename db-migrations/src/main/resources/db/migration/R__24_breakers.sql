-- profile_pic.breaker_changed(instance, state, open_for): records that an instance's circuit opened, closed
-- or tries again, for all replicas and for operators. Called by the worker that has the circuit. The same
-- state again changes nothing but the end of the pause.
--
-- state     CLOSED, OPEN or HALF_OPEN
-- open_for  how long an open circuit stays open from now; ignored otherwise
-- returns   whether the state is new
--
-- While the circuit is open, the instance is paused on all replicas. So its messages stay in their line, and
-- are not each tried and refused. A pause that WhatsApp or an operator asked for keeps its reason, is never
-- shortened, and does not end when the circuit closes. Lock: the instance's row.
CREATE OR REPLACE FUNCTION profile_pic.breaker_changed(instance text, state text, open_for interval)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
  before profile_pic.instances;
  ours   boolean;
BEGIN
  IF state <> 'CLOSED' THEN
    INSERT INTO profile_pic.instances (instance_id) VALUES (instance) ON CONFLICT DO NOTHING;
  END IF;
  SELECT * INTO before FROM profile_pic.instances AS i WHERE i.instance_id = instance FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  ours := before.pause_reason IS NOT DISTINCT FROM 'INSTANCE_DOWN';

  IF state = 'OPEN' AND open_for > interval '0' THEN
    UPDATE profile_pic.instances AS i
    SET paused_until = greatest(i.paused_until, statement_timestamp() + open_for),
        pause_reason = CASE WHEN ours OR i.paused_until <= statement_timestamp() THEN 'INSTANCE_DOWN'
                            ELSE i.pause_reason END,
        updated_at = statement_timestamp()
    WHERE i.instance_id = instance;
  ELSIF state = 'CLOSED' AND ours THEN
    UPDATE profile_pic.instances AS i
    SET paused_until = least(i.paused_until, statement_timestamp()), pause_reason = NULL,
        updated_at = statement_timestamp()
    WHERE i.instance_id = instance;
    PERFORM profile_pic.ring('*');
  END IF;

  IF before.breaker = state THEN
    RETURN false;
  END IF;
  UPDATE profile_pic.instances AS i
  SET breaker = state, breaker_changed_at = statement_timestamp(), updated_at = statement_timestamp()
  WHERE i.instance_id = instance;
  RETURN true;
END
$$;
