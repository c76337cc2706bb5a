-- Reads columns of the CRM without running code of the CRM.

-- The type below a domain, or the type itself.
CREATE OR REPLACE FUNCTION profile_pic.base_type(asked oid) RETURNS oid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  WITH RECURSIVE below AS (
    SELECT t.oid, t.typtype, t.typbasetype FROM pg_type AS t WHERE t.oid = asked
    UNION ALL
    SELECT t.oid, t.typtype, t.typbasetype FROM below AS b
    JOIN pg_type AS t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
  )
  SELECT b.oid FROM below AS b WHERE b.typtype <> 'd'
$$;

-- Whether values of a type can be read as text with no other code than the server's and the extension
-- citext's. A domain is read as the type below it. Casts of other types may be the CRM's own functions.
CREATE OR REPLACE FUNCTION profile_pic.is_plain_type(asked oid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.oid < 16384 AND t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype = 'b'
      OR t.typname = 'citext' AND t.typtype = 'b' AND EXISTS (
           SELECT FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'citext'
           WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid
             AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')
         AND EXISTS (
           SELECT FROM pg_cast AS c
           WHERE c.castsource = t.oid AND c.casttarget = 'text'::regtype AND c.castmethod = 'b')
  FROM pg_type AS t WHERE t.oid = profile_pic.base_type(asked)
$$;

-- An expression that reads a column of the row "l" of a table as text: 'NULL::text' when there is no such
-- column. A column whose type is not plain (see above) is read through the output function of its type, which
-- only a superuser can define, and never through a cast.
CREATE OR REPLACE FUNCTION profile_pic.text_of_column(of_table regclass, wanted text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce((
    SELECT CASE WHEN profile_pic.is_plain_type(a.atttypid) THEN format('l.%I::text', wanted)
                ELSE format(
                  'CASE WHEN l.%1$I IS NOT NULL THEN pg_catalog.format(''%%s'', l.%1$I) END', wanted) END
    FROM pg_attribute AS a
    WHERE a.attrelid = of_table AND a.attname = wanted AND a.attnum > 0 AND NOT a.attisdropped), 'NULL::text')
$$;

-- The expression of a virtual generated column; null for any other column. PostgreSQL allows nothing but its
-- own functions and types in it. `generated` is 'v' from PostgreSQL 18 on.
CREATE OR REPLACE FUNCTION profile_pic.virtual_expression(of_table regclass, wanted text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT '(' || pg_get_expr(d.adbin, d.adrelid) || ')'
  FROM pg_attribute AS a JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = of_table AND a.attname = wanted AND a.attgenerated = 'v'
$$;

-- The same as text_of_column, for a row "l" of a trigger's transition table. A virtual generated column is
-- null there, so its expression is computed from the row's other columns.
CREATE OR REPLACE FUNCTION profile_pic.text_in_trigger(of_table regclass, wanted text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT coalesce(
    profile_pic.virtual_expression(of_table, wanted) || '::text',
    profile_pic.text_of_column(of_table, wanted))
$$;

-- The shape of a table or view, as far as functions are generated from it: its kind, and of each of these
-- columns the type and the expression. It holds names and no ids, because a restore gives other ids.
CREATE OR REPLACE FUNCTION profile_pic.shape_of(of_table regclass, columns text[]) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT 'made for ' || md5(concat_ws(' ', c.relkind, (
    SELECT string_agg(
      concat_ws(
        ' ', a.attname, format_type(a.atttypid, a.atttypmod),
        format_type(profile_pic.base_type(a.atttypid), NULL), profile_pic.is_plain_type(a.atttypid),
        profile_pic.virtual_expression(c.oid, a.attname)),
      ', ' ORDER BY a.attname)
    FROM pg_attribute AS a
    WHERE a.attrelid = c.oid AND a.attname = ANY (columns) AND a.attnum > 0 AND NOT a.attisdropped)))
  FROM pg_class AS c WHERE c.oid = of_table
$$;

-- The errors by which reading a row of the CRM fails because of the row's own values: an expression of the
-- CRM's view raised an error. For EXCEPTION.
CREATE OR REPLACE FUNCTION profile_pic.errors_of_a_row() RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN 'data_exception OR cardinality_violation OR integrity_constraint_violation OR '
  || 'external_routine_exception OR raise_exception';

-- The settings of a session that harm its next user when they stay changed: settings that any role may set.
-- The profiles of afterMigrate__plans.sql decide about the settings of plans.
CREATE OR REPLACE FUNCTION profile_pic.watched_settings() RETURNS text[]
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN ARRAY[
  'statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout',
  'idle_session_timeout', 'default_transaction_read_only', 'default_transaction_isolation',
  'default_transaction_deferrable', 'synchronous_commit', 'client_encoding', 'datestyle', 'intervalstyle',
  'timezone', 'standard_conforming_strings', 'backslash_quote', 'bytea_output', 'array_nulls',
  'transform_null_equals', 'check_function_bodies', 'exit_on_error',
  'restrict_nonsystem_relation_kind', 'plpgsql.extra_errors'];
