-- A bulk sync reaches no further than the key that started it, although workers feed it long after.
ALTER TABLE profile_pic.syncs ADD COLUMN caller_instances text[];
COMMENT ON COLUMN profile_pic.syncs.caller_instances IS 'Instances that the starter''s key was bound to; null when it was bound to none';
