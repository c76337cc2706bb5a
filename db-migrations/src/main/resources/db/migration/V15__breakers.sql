-- How each instance's circuit stands, as the worker that saw it change last told it.
ALTER TABLE profile_pic.instances
  ADD COLUMN breaker            text NOT NULL DEFAULT 'CLOSED' CHECK (breaker IN ('CLOSED', 'OPEN', 'HALF_OPEN')),
  ADD COLUMN breaker_changed_at timestamptz;
COMMENT ON COLUMN profile_pic.instances.breaker IS 'OPEN: lookups of this number fail and are not tried; HALF_OPEN: one is tried; CLOSED: all is well';
