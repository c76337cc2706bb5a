-- What happened to each instance's connection: the newest two hundred changes of its state.
CREATE TABLE profile_pic.instance_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance_id text NOT NULL,
  at          timestamptz NOT NULL DEFAULT statement_timestamp(),
  state       text NOT NULL,
  before      text NOT NULL,
  reason      text,
  until       timestamptz
);
COMMENT ON TABLE profile_pic.instance_events IS 'Changes of instances'' states (profile_pic.instance_state), the newest 200 of each';
CREATE INDEX instance_events_instance ON profile_pic.instance_events (instance_id, id);
