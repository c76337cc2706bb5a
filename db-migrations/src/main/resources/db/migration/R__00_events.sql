-- Events for webhook endpoints (R__38). Each event is noted in the transaction in which it happens. While no
-- endpoint is enabled, no event is noted. Events:
--   picture.stored   a lead has its first photo      lead.failed      given up, with the reason
--   picture.changed  another photo                   instance.state   down, paused, resting or open
--   picture.removed  no photo left                   system.alert     firing or resolved

CREATE OR REPLACE FUNCTION profile_pic.anybody_to_tell() RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM profile_pic.webhook_endpoints AS e WHERE e.enabled);
END
$$;

CREATE OR REPLACE FUNCTION profile_pic.announce(type text, instance text, lead text, data jsonb) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO profile_pic.webhook_events (type, instance_id, lead_id, data)
  SELECT type, instance, lead, data WHERE profile_pic.anybody_to_tell()
$$;

-- Announces that these leads have lost their photo; leads without a photo are skipped. Called before their
-- state forgets the photo.
CREATE OR REPLACE FUNCTION profile_pic.announce_removed(lead_ids text[], reason text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF profile_pic.anybody_to_tell() THEN
    INSERT INTO profile_pic.webhook_events (type, instance_id, lead_id, data)
    SELECT 'picture.removed', p.instance_id, p.lead_id,
           jsonb_build_object('lead_id', p.lead_id, 'reason', announce_removed.reason)
    FROM unnest(lead_ids) AS id
    CROSS JOIN LATERAL (SELECT p.* FROM profile_pic.pictures AS p WHERE p.lead_id = id LIMIT 1) AS p
    WHERE p.storage_key IS NOT NULL;
  END IF;
END
$$;
