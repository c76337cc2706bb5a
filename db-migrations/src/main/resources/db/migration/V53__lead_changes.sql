-- What the triggers on the CRM's table tell us of changed phones and deleted leads. Rows are only added in the CRM's transactions, so that
-- one which stays open holds no row of ours that a settle or an enqueue waits for. due_lead_writes (R__27) takes them at each poll.
CREATE TABLE profile_pic.lead_changes (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lead_id text NOT NULL,
  deleted boolean NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
COMMENT ON TABLE profile_pic.lead_changes IS 'Changed phones and deleted leads that nobody has dealt with yet';
