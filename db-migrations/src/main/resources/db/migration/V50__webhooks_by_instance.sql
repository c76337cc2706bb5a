-- What webhooks teach belongs to the instance that they came through: one tenant's must not change another's. '' stands for an
-- instance that nobody named.
ALTER TABLE profile_pic.lids
  ADD COLUMN instance_id text NOT NULL DEFAULT '',
  ADD COLUMN source text NOT NULL DEFAULT 'message' CHECK (source IN ('beside', 'message', 'mapping', 'asked')),
  ADD COLUMN told_at timestamptz NOT NULL DEFAULT statement_timestamp();
UPDATE profile_pic.lids SET told_at = learned_at;
ALTER TABLE profile_pic.lids DROP CONSTRAINT lids_pkey, ADD PRIMARY KEY (instance_id, lid);
COMMENT ON COLUMN profile_pic.lids.source IS 'Who said so, see profile_pic.lid_source_rank';
COMMENT ON COLUMN profile_pic.lids.told_at IS 'Time of the event that said so';

-- A link that came with an event of somebody whose number is not known yet.
ALTER TABLE profile_pic.unmatched_events
  ADD COLUMN url text,
  ADD COLUMN known boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN profile_pic.unmatched_events.known IS 'The number was learned since, so the event can be served';
CREATE INDEX unmatched_events_known ON profile_pic.unmatched_events (recorded_at) WHERE known;

-- A delivery is taken before its events are written, so that of several at the same moment one goes on. open_until: when a delivery
-- that was taken and neither accepted nor given up may be taken again; null once it is accepted.
ALTER TABLE profile_pic.webhook_receipts
  ADD COLUMN open_until timestamptz,
  ADD COLUMN token text;
COMMENT ON COLUMN profile_pic.webhook_receipts.token IS 'Keyed digest of the token that several deliveries may share (Evolution)';
CREATE INDEX webhook_receipts_token ON profile_pic.webhook_receipts (source, token) WHERE token IS NOT NULL;

-- Webhooks that nobody could read, so that an operator sees why nothing happens. One row per kind and instance.
CREATE TABLE profile_pic.unrecognised_webhooks (
  kind        text NOT NULL,
  instance_id text NOT NULL,
  seen        bigint NOT NULL,
  first_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
  last_at     timestamptz NOT NULL DEFAULT statement_timestamp(),
  sample      text NOT NULL,
  PRIMARY KEY (kind, instance_id)
);
COMMENT ON COLUMN profile_pic.unrecognised_webhooks.sample IS 'The newest body as a shape: names of fields, without what they said';
