-- The roles of this product. Their rights are in afterMigrate__rights.sql.
--
--   profile_pic_receiver, profile_pic_worker  the two services. Give them passwords (ALTER ROLE ... PASSWORD)
--                                             to let them log in
--   profile_pic_owner   no login: the functions that services call run as this role
--   profile_pic_crm     no login: code that reads and writes the CRM's rows runs as this role, and with it
--                       the CRM's triggers
--
-- The last two get BYPASSRLS where the migrating role can give it. The migrating role becomes a member of
-- both, so that it can replace their functions at the next migration. The first two get the isolation level
-- that they need, regardless of the default of the CRM's database: behind a pooler in transaction mode they
-- cannot ask for it themselves. PostgreSQL 16 and newer make a role's creator its administrator, but not a
-- member that inherits.
DO $roles$
DECLARE
  role    text;
  command text;
  inherit text := CASE WHEN current_setting('server_version_num')::integer >= 160000
                         THEN ' WITH INHERIT TRUE, SET TRUE'
                       ELSE '' END;
BEGIN
  FOREACH role IN ARRAY ARRAY[
    'profile_pic_owner', 'profile_pic_crm', 'profile_pic_receiver', 'profile_pic_worker']
  LOOP
    command := format(
      'CREATE ROLE %I %s', role,
      CASE WHEN role IN ('profile_pic_owner', 'profile_pic_crm') THEN 'NOLOGIN' ELSE 'LOGIN' END);
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE command;
      END IF;
    EXCEPTION
      -- Another database of this server is being migrated at the same moment.
      WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF role IN ('profile_pic_receiver', 'profile_pic_worker') AND NOT EXISTS (
      SELECT FROM pg_db_role_setting AS s
      WHERE s.setdatabase = 0 AND s.setrole = role::regrole
        AND 'default_transaction_isolation=read committed' = ANY (s.setconfig))
    THEN
      BEGIN
        EXECUTE format('ALTER ROLE %I SET default_transaction_isolation = %L', role, 'read committed');
      EXCEPTION
        -- The role was made by another session, or another database of this server is being migrated at the
        -- same moment.
        WHEN insufficient_privilege OR internal_error THEN
          NULL;
      END;
    END IF;
    CONTINUE WHEN role NOT IN ('profile_pic_owner', 'profile_pic_crm');

    IF NOT pg_has_role(current_user, role, 'USAGE') THEN
      command := format('GRANT %I TO %I%s', role, current_user, inherit);
      EXECUTE command;
    END IF;
    IF NOT (SELECT r.rolbypassrls FROM pg_roles AS r WHERE r.rolname = role) THEN
      BEGIN
        EXECUTE format('ALTER ROLE %I BYPASSRLS', role);
      EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE '"%" may not bypass row level security: policies are needed where it is enabled', role;
      END;
    END IF;
  END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE EXCEPTION 'the role "%" may not run: %', current_user, command
    USING HINT = format(
      'Give it the right (ALTER ROLE %I CREATEROLE), or run this once as a superuser and then the '
      || 'migrations again: %s',
      current_user,
      format(
        'CREATE ROLE profile_pic_owner NOLOGIN BYPASSRLS; CREATE ROLE profile_pic_crm NOLOGIN BYPASSRLS; '
        || 'CREATE ROLE profile_pic_receiver LOGIN; CREATE ROLE profile_pic_worker LOGIN; '
        || 'GRANT profile_pic_owner, profile_pic_crm TO %I%s;',
        current_user, inherit));
END
$roles$;
