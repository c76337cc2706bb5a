-- What the triggers on the CRM's table saw, for the worker to take up once it is committed. Rows are only ever added by the CRM's transactions,
-- each under an id of its own, so a transaction of the CRM that stays open holds nothing that a settle, an enqueue or a feeder could wait for.
CREATE TABLE profile_pic.lead_changes (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lead_id text NOT NULL,
  -- Whether the lead was deleted; else its phone is another one.
  deleted boolean NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
COMMENT ON TABLE profile_pic.lead_changes IS 'Leads that the CRM deleted, or whose phone it changed, since a worker looked last';
