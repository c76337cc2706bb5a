-- Messages that are asked for together with others (R__08, docs/decisions/batches.md).
ALTER TABLE profile_pic.deliveries ADD COLUMN batch_of text;
COMMENT ON COLUMN profile_pic.deliveries.batch_of IS 'The instance whose next batch asks for it; null: it is asked for alone';
CREATE INDEX deliveries_batch ON profile_pic.deliveries (batch_of, msg_id) WHERE batch_of IS NOT NULL;

ALTER TABLE profile_pic.instances ADD COLUMN next_batch_at timestamptz NOT NULL DEFAULT '-infinity';
COMMENT ON COLUMN profile_pic.instances.next_batch_at IS 'Batches of ids keep a distance: when the next one may be asked';
