-- Reads an event's time from text (RFC 3339). Returns null when Postgres could not read the text, because any
-- sender may have written it. It does not use pg_input_is_valid, which PostgreSQL 15 does not have.
CREATE OR REPLACE FUNCTION profile_pic.time_or_null(written text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
  WHEN written ~ (
    '^([1-9][0-9]{3}-('
    || '(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13578]|1[02])-(29|30|31)|(0[469]|11)-(29|30))'
    -- 29 February: years that four divides; of full centuries, those that 400 divides.
    || '|([1-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[13579][26])00)-02-29)'
    || '[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]+)?'
    || '(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$')
    THEN written::timestamptz END;

-- Whether a stored time is past. A time further ahead than we ever set one counts as past: the server's clock
-- went back since.
CREATE OR REPLACE FUNCTION profile_pic.is_due(at timestamptz, longest interval) RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RETURN at <= statement_timestamp() OR at > statement_timestamp() + longest;
END
$$;
