-- Bulk syncs: who asked for what, and what became of each lead. Fed into the queue a few seconds ahead of the pace, never at
-- once, so that a new lead overtakes them.
CREATE TABLE profile_pic.syncs (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance_id  text NOT NULL,
  kind         text NOT NULL CHECK (kind IN ('list', 'without_photo')),
  state        text NOT NULL DEFAULT 'RUNNING' CHECK (state IN ('RUNNING', 'PAUSED', 'CANCELLED', 'DONE')),
  force_update boolean NOT NULL DEFAULT false,
  -- Leads that name no instance belong to the default one.
  with_default boolean NOT NULL DEFAULT false,
  total        bigint NOT NULL,
  batch_size   integer NOT NULL CHECK (batch_size BETWEEN 1 AND 1000),
  -- Keyset: the lead after which feeding goes on. Null before the first and for lists.
  after_id     text,
  fed_all      boolean NOT NULL DEFAULT false,
  created_at   timestamptz NOT NULL DEFAULT statement_timestamp(),
  finished_at  timestamptz
);
CREATE UNIQUE INDEX syncs_one_per_instance ON profile_pic.syncs (instance_id) WHERE state IN ('RUNNING', 'PAUSED');

-- One row per lead of a sync: all of them at once for a list, as they are fed for "without a photo".
CREATE TABLE profile_pic.sync_items (
  sync_id    bigint NOT NULL REFERENCES profile_pic.syncs ON DELETE CASCADE,
  lead_id    text NOT NULL,
  phone      text,
  -- The message that serves the lead; null before it is fed, and when none was needed.
  message_id bigint,
  -- Null until the lead is done.
  outcome    text,
  PRIMARY KEY (sync_id, lead_id)
) WITH (fillfactor = 80);
CREATE INDEX sync_items_message ON profile_pic.sync_items (message_id) WHERE outcome IS NULL AND message_id IS NOT NULL;
CREATE INDEX sync_items_waiting ON profile_pic.sync_items (sync_id, lead_id) WHERE outcome IS NULL AND message_id IS NULL;
CREATE INDEX sync_items_outcome ON profile_pic.sync_items (sync_id, outcome);
