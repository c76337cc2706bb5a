-- Instances: their names at gateways, and an operator's pause.

-- profile_pic.gateway_names(): the names that gateways use for instances whose source has its own name, and
-- whether such a name is also the id of an instance. The receiver reads them every few seconds, for webhooks.
CREATE OR REPLACE FUNCTION profile_pic.gateway_names()
RETURNS TABLE (instance_id text, name text, is_an_id boolean)
LANGUAGE sql STABLE AS $$
  SELECT i.instance_id, i.source_name,
         EXISTS (SELECT FROM profile_pic.instances AS o WHERE o.instance_id = i.source_name)
  FROM profile_pic.instances AS i WHERE i.source_name <> i.instance_id
$$;

-- profile_pic.pause_instance(instance) and resume_instance(instance): an operator's pause, until resumed. It
-- is a pause like WhatsApp's own, but a hundred years long. The instance's messages stay in their line
-- meanwhile.
CREATE OR REPLACE FUNCTION profile_pic.pause_instance(instance text) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO profile_pic.instances AS i (instance_id, paused_until, pause_reason)
  VALUES (instance, statement_timestamp() + interval '100 years', 'OPERATOR')
  ON CONFLICT (instance_id) DO UPDATE
    SET paused_until = excluded.paused_until, pause_reason = excluded.pause_reason,
        updated_at = statement_timestamp()
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
