-- The figures of bulk syncs, so that nobody counts a million leads to show them. Rows are added, never changed: workers that settle at the
-- same time do not wait for each other. The sum of a bucket's rows is its figure; the feeder folds them (R__22).
CREATE TABLE profile_pic.sync_tallies (
  -- No foreign key: adding a row would wait for whoever feeds the sync.
  sync_id bigint NOT NULL,
  -- 'waiting', 'in_flight', or the outcome of leads that are done.
  bucket  text NOT NULL,
  -- How many leads came into the bucket; negative where they left it.
  n       bigint NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02);
COMMENT ON TABLE profile_pic.sync_tallies IS 'The figures of bulk syncs: sum(n) by bucket, kept by a trigger on sync_items';
CREATE INDEX sync_tallies_sync ON profile_pic.sync_tallies (sync_id);
