-- The audit log of erasures, replays, drops, control of syncs, and changes.
--
--   note_deed(actor, deed, instance, subject, detail)  for our own functions, in the deed's own transaction;
--                                                      no service may call it
--   list_audit(callers, lead, before, most)            newest first; all leads when null. Bound callers see
--                                                      nothing, because entries concern other instances too
--   forget_audit(older_than, after, most)              housekeeping, as in R__26; entries younger than 30
--                                                      days stay, for any caller
--
-- Deeds: lead_erased, lead_exported, lead_allowed, links_revoked, dead_letters_replayed, dead_letter_dropped,
-- sync_started, sync_paused, sync_resumed, sync_cancelled, instance_changed, endpoint_added,
-- endpoint_changed, endpoint_dropped, endpoint_disabled, events_replayed, key_created, key_changed,
-- key_revoked, key_deleted.

-- The log's name for a lead. The name finds the entries of a known lead, but does not reveal the lead.
CREATE OR REPLACE FUNCTION profile_pic.lead_digest(lead text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(encode(sha256(convert_to(lead, 'UTF8')), 'hex'), 32);

CREATE OR REPLACE FUNCTION profile_pic.note_deed(
  actor text, deed text, instance text, subject text, detail jsonb)
RETURNS void
LANGUAGE sql AS $$
  INSERT INTO profile_pic.audit (actor, deed, instance_id, subject, detail)
  VALUES (actor, deed, instance, subject, coalesce(detail, '{}'))
$$;

CREATE OR REPLACE FUNCTION profile_pic.list_audit(callers text[], lead text, before bigint, most integer)
RETURNS TABLE (id bigint, at timestamptz, actor text, deed text, instance_id text, subject text, detail text)
LANGUAGE sql STABLE AS $$
  SELECT a.id, a.at, a.actor, a.deed, a.instance_id, a.subject, a.detail::text
  FROM profile_pic.audit AS a
  WHERE callers IS NULL AND a.id < before AND (lead IS NULL OR a.subject = profile_pic.lead_digest(lead))
  ORDER BY a.id DESC LIMIT most
$$;

CREATE OR REPLACE FUNCTION profile_pic.forget_audit(
  older_than interval, after text, most integer, OUT removed bigint, OUT next text)
LANGUAGE plpgsql AS $$
BEGIN
  WITH gone AS (
    DELETE FROM profile_pic.audit AS a
    WHERE a.id = ANY (ARRAY(SELECT o.id FROM profile_pic.audit AS o ORDER BY o.id LIMIT most))
      AND a.at < statement_timestamp() - greatest(older_than, interval '30 days')
    RETURNING 1
  )
  SELECT count(*), CASE WHEN count(*) = most THEN '' END INTO removed, next FROM gone;
END
$$;

-- Every change of a key is noted, by bin/api-key, by the web console (which passes the user) or by SQL. The
-- change by a key's use (last_used_at) is no deed.
CREATE OR REPLACE FUNCTION profile_pic.key_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM profile_pic.note_deed(
    coalesce(nullif(current_setting('profile_pic.actor', true), ''), session_user),
    CASE
      WHEN TG_OP = 'INSERT' THEN 'key_created'
      WHEN TG_OP = 'DELETE' THEN 'key_deleted'
      WHEN new.revoked_at IS NOT NULL AND old.revoked_at IS NULL THEN 'key_revoked'
      ELSE 'key_changed' END,
    NULL, coalesce(new.name, old.name),
    jsonb_build_object(
      'scopes', coalesce(new.scopes, old.scopes), 'instances', coalesce(new.instances, old.instances),
      'expires_at', coalesce(new.expires_at, old.expires_at)));
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER key_changed
  AFTER INSERT OR DELETE OR UPDATE OF name, sha256, scopes, instances, expires_at, revoked_at
  ON profile_pic.api_keys FOR EACH ROW EXECUTE FUNCTION profile_pic.key_changed();

-- Even the table's owner cannot change the log by mistake.
CREATE OR REPLACE FUNCTION profile_pic.audit_stays() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is only added to';
END
$$;
CREATE OR REPLACE TRIGGER audit_stays BEFORE UPDATE OR TRUNCATE ON profile_pic.audit
  FOR EACH STATEMENT EXECUTE FUNCTION profile_pic.audit_stays();
