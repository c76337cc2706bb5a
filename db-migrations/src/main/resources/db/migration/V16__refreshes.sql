-- Which leads are due for a look, by instance, the longest overdue first (R__25).
--
-- One index, because a settle changes next_check_at and pending_message_id and so loses HOT updates of pictures to it. It holds only
-- leads that may be refreshed: not those with a wish pending, failed or erased, which would otherwise stand at the head of the index for
-- ever and be stepped over twice a second.
CREATE INDEX pictures_due ON profile_pic.pictures (instance_id, next_check_at)
  WHERE next_check_at IS NOT NULL AND pending_message_id IS NULL AND state NOT IN ('FAILED', 'ERASED');

-- The refreshes that are in the queue, so that no more are put there than an instance works off in a few seconds, whatever keeps it
-- from working them off. A few rows per instance.
CREATE TABLE profile_pic.refreshes (
  instance_id text NOT NULL,
  message_id  bigint NOT NULL,
  PRIMARY KEY (instance_id, message_id)
);
