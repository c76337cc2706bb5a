-- Hours in which an instance asks nothing, in its own time zone; from > to spans midnight.
ALTER TABLE profile_pic.instances
  ADD COLUMN quiet_from time,
  ADD COLUMN quiet_to   time,
  ADD COLUMN quiet_zone text,
  ADD CONSTRAINT quiet_hours_are_whole CHECK (num_nulls(quiet_from, quiet_to, quiet_zone) IN (0, 3));
