-- Who did what. Rows are added in the transaction of the deed, never changed, and removed by housekeeping only. No personal data: leads are
-- named by a digest (profile_pic.lead_digest), and nobody's phone, name or link is in it.
CREATE TABLE profile_pic.audit (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at          timestamptz NOT NULL DEFAULT statement_timestamp(),
  actor       text NOT NULL,
  deed        text NOT NULL,
  instance_id text,
  subject     text,
  detail      jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON COLUMN profile_pic.audit.actor IS 'Name of the caller''s key; of changes to keys, the database''s user';
COMMENT ON COLUMN profile_pic.audit.subject IS 'What it was done to: digest of a lead''s id, id of a sync or dead letter, name of a key';
CREATE INDEX audit_subject ON profile_pic.audit (subject, id) WHERE subject IS NOT NULL;
