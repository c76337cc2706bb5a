-- Quiet hours are times of day in a region. An offset such as -03:00 means the opposite to PostgreSQL than to everybody else, and a zone that
-- it does not know would fail each look at the instance's line. Whoever sets them, by whatever way, is told here.
CREATE FUNCTION profile_pic.check_quiet_zone() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_timezone_names AS z WHERE z.name = NEW.quiet_zone) THEN
    RAISE check_violation USING MESSAGE = 'quiet_zone must be the name of a region', HINT = 'For example America/Sao_Paulo; see pg_timezone_names.';
  END IF;
  RETURN NEW;
END
$$;

-- Offsets were accepted once. Those of whole hours have a region of the same time, whose name counts the other way round. Others are quiet
-- no more, rather than at the wrong hours.
UPDATE profile_pic.instances AS i
SET quiet_zone = CASE WHEN o.written IN ('Z', '+00:00', '-00:00') THEN 'UTC'
                      ELSE 'Etc/GMT' || translate(left(o.written, 1), '+-', '-+') || substr(o.written, 2, 2)::integer END
FROM (
  SELECT x.instance_id, substring(x.quiet_zone FROM '^(?:UTC|GMT|UT)?(Z|[+-](?:0[0-9]|1[0-2]):00)$') AS written FROM profile_pic.instances AS x
) AS o
WHERE o.instance_id = i.instance_id AND o.written IS NOT NULL;
UPDATE profile_pic.instances AS i SET quiet_from = NULL, quiet_to = NULL, quiet_zone = NULL
WHERE i.quiet_zone IS NOT NULL AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = i.quiet_zone);

CREATE TRIGGER check_quiet_zone BEFORE INSERT OR UPDATE OF quiet_zone ON profile_pic.instances
  FOR EACH ROW WHEN (NEW.quiet_zone IS NOT NULL) EXECUTE FUNCTION profile_pic.check_quiet_zone();
