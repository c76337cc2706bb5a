-- Hours in which a number does its background work (bulk syncs and refreshes); outside of them it only answers live events. By day of the week
-- (1 is Monday, as in ISO 8601) and time of day in a region. An end that is not after the beginning is on the next day. Null: the workers'
-- default, which they write into the settings; null there: at any time.
ALTER TABLE profile_pic.instances
  ADD COLUMN hours_zone text,
  ADD COLUMN hours_days integer[],
  ADD COLUMN hours_from time,
  ADD COLUMN hours_to   time,
  ADD CONSTRAINT hours_are_whole CHECK (num_nulls(hours_zone, hours_days, hours_from, hours_to) IN (0, 4)),
  ADD CONSTRAINT hours_have_days CHECK (cardinality(hours_days) > 0 AND hours_days <@ ARRAY[1, 2, 3, 4, 5, 6, 7]);
ALTER TABLE profile_pic.settings
  ADD COLUMN hours_zone text,
  ADD COLUMN hours_days integer[],
  ADD COLUMN hours_from time,
  ADD COLUMN hours_to   time,
  ADD CONSTRAINT hours_are_whole CHECK (num_nulls(hours_zone, hours_days, hours_from, hours_to) IN (0, 4)),
  ADD CONSTRAINT hours_have_days CHECK (cardinality(hours_days) > 0 AND hours_days <@ ARRAY[1, 2, 3, 4, 5, 6, 7]);

CREATE FUNCTION profile_pic.check_hours_zone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = NEW.hours_zone) THEN
    RAISE check_violation USING MESSAGE = 'hours_zone must be the name of a region', HINT = 'For example America/Sao_Paulo; see pg_timezone_names.';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER check_hours_zone BEFORE INSERT OR UPDATE OF hours_zone ON profile_pic.instances
  FOR EACH ROW WHEN (NEW.hours_zone IS NOT NULL) EXECUTE FUNCTION profile_pic.check_hours_zone();
CREATE TRIGGER check_hours_zone BEFORE INSERT OR UPDATE OF hours_zone ON profile_pic.settings
  FOR EACH ROW WHEN (NEW.hours_zone IS NOT NULL) EXECUTE FUNCTION profile_pic.check_hours_zone();

ALTER TABLE profile_pic.deliveries ADD COLUMN held_at integer;
COMMENT ON COLUMN profile_pic.deliveries.held_at IS 'read_ct of the last time that working hours held the message back';
ALTER TABLE profile_pic.requests ADD COLUMN live_for bigint;
COMMENT ON COLUMN profile_pic.requests.live_for IS 'The pending message of background work that a live event asked for as well: working hours do not hold it';
