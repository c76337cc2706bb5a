-- The two services' own roles, each with exactly what it needs. Give them passwords (ALTER ROLE ... PASSWORD) to let them log in.
-- Where the migrating role may not create roles (hosted databases), the services run as whoever owns the schema, and this says so.
DO $roles$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['profile_pic_receiver', 'profile_pic_worker'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', role);
      END IF;
    EXCEPTION
      WHEN insufficient_privilege THEN
        RAISE WARNING 'the role "%" could not be created: %', role, SQLERRM;
        RETURN;
      -- Another database of this server is being migrated at the same moment.
      WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    EXECUTE format('GRANT USAGE ON SCHEMA profile_pic, pgmq TO %I', role);
    EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA profile_pic, pgmq TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON pgmq.q_profile_pic_queue, pgmq.q_profile_pic_dlq, pgmq.a_profile_pic_queue TO %I', role);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA pgmq TO %I', role);
    EXECUTE format('GRANT SELECT ON pgmq.meta TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON profile_pic.pictures, profile_pic.picture_history, profile_pic.avatars,
      profile_pic.instances, profile_pic.syncs, profile_pic.sync_items, profile_pic.lead_phones, profile_pic.lookup_siblings, profile_pic.requests,
      profile_pic.waiting, profile_pic.deliveries, profile_pic.pace_states, profile_pic.lead_writes TO %I', role);
    EXECUTE format('GRANT SELECT, UPDATE ON profile_pic.settings TO %I', role);
    EXECUTE format('GRANT SELECT ON profile_pic.queue_depth, profile_pic.states_by_instance, profile_pic.failures_by_reason,
      profile_pic.sync_progress TO %I', role);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA profile_pic TO %I', role);
    -- The CRM's table: found by id and phone, and only our three columns written.
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', (SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = to_regclass('${leads_table}')), role);
    EXECUTE format('GRANT SELECT ON %s TO %I', to_regclass('${leads_table}'), role);
    EXECUTE format('GRANT UPDATE (%I, %I, %I) ON %s TO %I', '${leads_url_column}', '${leads_storage_path_column}',
      '${leads_updated_at_column}', to_regclass('${leads_table}'), role);
  END LOOP;
  GRANT SELECT, INSERT, DELETE ON profile_pic.refreshes TO profile_pic_worker;
  GRANT SELECT ON profile_pic.lead_phones_walk TO profile_pic_worker;
  GRANT SELECT, DELETE ON profile_pic.lids TO profile_pic_worker;
  GRANT SELECT, INSERT, UPDATE ON profile_pic.chores TO profile_pic_worker;
  GRANT SELECT ON profile_pic.api_keys TO profile_pic_receiver;
  GRANT SELECT, UPDATE ON profile_pic.lead_phones_walk TO profile_pic_receiver;
  GRANT SELECT, INSERT, UPDATE, DELETE ON profile_pic.lids, profile_pic.unmatched_events, profile_pic.webhook_receipts
    TO profile_pic_receiver;
END
$roles$;
