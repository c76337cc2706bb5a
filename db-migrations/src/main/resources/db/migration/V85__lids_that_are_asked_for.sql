-- Workers ask for the number of a LID that nobody knows, where its instance's source can tell.
ALTER TABLE profile_pic.unmatched_events
  ADD COLUMN tries  integer NOT NULL DEFAULT 0,
  ADD COLUMN ask_at timestamptz DEFAULT statement_timestamp();
COMMENT ON COLUMN profile_pic.unmatched_events.tries IS 'How often the source said that it does not know the number';
COMMENT ON COLUMN profile_pic.unmatched_events.ask_at IS 'When the source is asked next; null once it was asked often enough';
CREATE INDEX unmatched_events_to_ask ON profile_pic.unmatched_events (instance_id, ask_at) WHERE ask_at IS NOT NULL AND NOT known;
