-- What is known of every lead's photo, and how it came to be known. Ids of leads are text here, because a CRM's may be
-- uuid, bigint or text; profile_pic.lead_key (R__01) turns them back.
-- The schema itself is made by Flyway, which keeps its history there.

CREATE TABLE profile_pic.pictures (
  lead_id            text PRIMARY KEY,
  instance_id        text,
  phone              text NOT NULL,
  jid                text,
  state              text NOT NULL DEFAULT 'PENDING'
                     CHECK (state IN ('PENDING', 'STORED', 'NOT_SET', 'HIDDEN', 'NOT_ON_WHATSAPP', 'FAILED', 'ERASED')),
  reason             text NOT NULL DEFAULT 'QUEUED',
  source_url         text,
  source_id          text,
  sha256             text,
  content_type       text,
  width              integer,
  height             integer,
  bytes              integer,
  storage_key        text,
  fetched_at         timestamptz,
  checked_at         timestamptz,
  next_check_at      timestamptz,
  attempts           integer NOT NULL DEFAULT 0,
  last_error         text,
  requested_at       timestamptz NOT NULL,
  erased_at          timestamptz,
  -- The wish that waits in the queue for this lead, if any: what makes a second one a duplicate.
  pending_message_id bigint,
  pending_forced     boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);

COMMENT ON TABLE profile_pic.pictures IS 'One row per lead: the truth about its photo';
COMMENT ON COLUMN profile_pic.pictures.reason IS 'Outcome code of the newest attempt; QUEUED before the first';
COMMENT ON COLUMN profile_pic.pictures.source_id IS 'WhatsApp''s own picture id, a natural ETag';
COMMENT ON COLUMN profile_pic.pictures.sha256 IS 'Hex digest of the bytes that are kept';
COMMENT ON COLUMN profile_pic.pictures.requested_at IS 'Time of the newest event for this lead; older results are dropped';

-- Which pictures share bytes: asked before bytes are removed.
CREATE INDEX pictures_storage_key ON profile_pic.pictures (storage_key) WHERE storage_key IS NOT NULL;

CREATE TABLE profile_pic.picture_history (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lead_id     text NOT NULL,
  at          timestamptz NOT NULL DEFAULT statement_timestamp(),
  outcome     text NOT NULL,
  state       text NOT NULL,
  detail      text,
  instance_id text,
  source_id   text,
  sha256      text,
  storage_key text,
  message_id  bigint NOT NULL
);
COMMENT ON TABLE profile_pic.picture_history IS 'What changed and when: a row per stored picture and per change of state';
CREATE INDEX picture_history_lead ON profile_pic.picture_history (lead_id, id);

CREATE TABLE profile_pic.avatars (
  storage_key  text PRIMARY KEY,
  content_type text NOT NULL,
  bytes        bytea NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT statement_timestamp()
);
COMMENT ON TABLE profile_pic.avatars IS 'Picture bytes, addressed by content, when the avatar store is Postgres';
-- JPEGs do not compress: do not try on every write.
ALTER TABLE profile_pic.avatars ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE profile_pic.instances (
  instance_id     text PRIMARY KEY,
  pace_per_minute integer CHECK (pace_per_minute BETWEEN 1 AND 6000000),
  next_slot_at    timestamptz NOT NULL DEFAULT '-infinity',
  paused_until    timestamptz NOT NULL DEFAULT '-infinity',
  pause_reason    text,
  updated_at      timestamptz NOT NULL DEFAULT statement_timestamp()
) WITH (fillfactor = 50);
COMMENT ON TABLE profile_pic.instances IS 'Pace and pauses of each WhatsApp number, shared by all workers';
COMMENT ON COLUMN profile_pic.instances.pace_per_minute IS 'Lookups per minute; null means the worker''s default';
COMMENT ON COLUMN profile_pic.instances.next_slot_at IS 'When the next lookup may leave (generic cell rate algorithm)';

-- Rows that the functions pass between their steps. A function's own tables would cost a catalog write per call.
CREATE TYPE profile_pic.judged_wish AS (
  ordinal integer, lead_id text, phone text, forced boolean, requested_at timestamptz, status text, pending_id bigint, wish jsonb);

CREATE TYPE profile_pic.settlement AS (
  msg_id bigint, read_ct integer, action text, delay_ms bigint, outcome text, detail text, attempts integer, worker text,
  lead_id text, phone text, jid text, instance_id text, requested_at timestamptz, source_url text, source_id text, sha256 text,
  content_type text, width integer, height integer, bytes integer, storage_key text, lead_url text, next_check_ms bigint,
  pause_ms bigint, lookup boolean, slot boolean, avatar integer);
