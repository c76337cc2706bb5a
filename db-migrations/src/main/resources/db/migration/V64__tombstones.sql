-- People who asked to be forgotten, by a keyed hash of their phone: the database alone tells nobody's number. What another row of the CRM
-- says about the same phone is not fetched either.
CREATE TABLE profile_pic.tombstones (
  phone_digest text NOT NULL,
  -- The instance that asks nothing about them any more; '' stands for all.
  instance_id  text NOT NULL,
  erased_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (phone_digest, instance_id)
);
COMMENT ON TABLE profile_pic.tombstones IS 'People of whom nothing is fetched, by a keyed hash of their phone';

-- Erasures that the bridge has not heard of yet.
CREATE TABLE profile_pic.bridge_erasures (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Whom to forget, sealed with the services' erasure key: while the bridge is away, a search of the database finds nobody here.
  person     bytea NOT NULL,
  attempts   integer NOT NULL DEFAULT 0,
  next_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
  error      text,
  created_at timestamptz NOT NULL DEFAULT statement_timestamp()
);
COMMENT ON TABLE profile_pic.bridge_erasures IS 'Erasures on their way to the bridge; error says why the last attempt failed';
CREATE INDEX bridge_erasures_due ON profile_pic.bridge_erasures (next_at);
