-- Every instance has a waiting line, and a token state that is asked when a lookup is leased (docs/decisions/0005-pull-scheduling.md).
-- Before, each message was put to a slot in advance, by its visibility time.

-- The request that is pending for a lead, if any, and what joined it since. One narrow row per lead, so that enqueueing rewrites
-- one row and no index.
CREATE TABLE profile_pic.requests (
  lead_id        text PRIMARY KEY,
  -- The message that is waiting, delayed or leased; null when none is.
  message_id     bigint,
  forced         boolean NOT NULL DEFAULT false,
  phone          text NOT NULL,
  instance_id    text,
  url            text,
  requested_at   timestamptz NOT NULL,
  -- When the newest request was completed.
  served_at      timestamptz,
  -- What arrived while the message was pending and is not served by it: the newest of each. All null when nothing did.
  again_at       timestamptz,
  again_forced   boolean NOT NULL DEFAULT false,
  again_url      text,
  again_phone    text,
  again_instance text,
  again_kind     text
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE profile_pic.requests IS 'One row per lead that anybody ever asked for: the pending message, and what joined it';

-- Messages that may start as soon as their instance has a token. Narrow, inserted and deleted, never updated on the way: PGMQ's own
-- row carries a visibility time in the year 3000 meanwhile, so neither pgmq.read nor an older worker sees it.
CREATE TABLE profile_pic.waiting (
  msg_id      bigint PRIMARY KEY,
  -- '' when nobody named an instance: the default instance answers for it.
  instance_id text NOT NULL,
  -- Whether it needs a lookup, and so a token.
  paced       boolean NOT NULL,
  -- Ready time plus the penalty of its kind: the order of the line.
  place       timestamptz NOT NULL,
  kind        text NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05);
COMMENT ON TABLE profile_pic.waiting IS 'The waiting lines: one row per message that may start when its instance has a token';
CREATE INDEX waiting_line ON profile_pic.waiting (instance_id, paced, place, msg_id);

-- What is remembered of messages that came back. A message that was never returned has no row.
CREATE TABLE profile_pic.deliveries (
  msg_id     bigint PRIMARY KEY,
  attempts   integer NOT NULL DEFAULT 0,
  -- read_ct of the last lease that was given back on purpose.
  returned   integer NOT NULL DEFAULT 0,
  -- Whether a lookup is needed although the message brought a link.
  lookup     boolean NOT NULL DEFAULT false,
  -- Since when the instance or the bridge has been down for it, without a break.
  down_since timestamptz
);

-- Token states (generic cell rate algorithm): the newest row of an instance counts. A row is added and its predecessor removed
-- instead of changing one, because a row that is changed fifty times a second is slow to read while anybody holds a snapshot.
CREATE TABLE profile_pic.pace_states (
  instance_id text NOT NULL,
  id          bigint GENERATED ALWAYS AS IDENTITY,
  -- When the next query would be due at an even pace.
  tat         timestamptz NOT NULL,
  -- Queries that were made without a token, paid for before the next lease.
  owed        integer NOT NULL DEFAULT 0,
  PRIMARY KEY (instance_id, id)
);

-- Leads whose own row in the CRM must be made to say what `pictures` says. It carries no value: the writer writes what is true then.
CREATE TABLE profile_pic.lead_writes (
  lead_id  text PRIMARY KEY,
  since    timestamptz NOT NULL DEFAULT statement_timestamp(),
  attempts integer NOT NULL DEFAULT 0,
  next_at  timestamptz NOT NULL DEFAULT statement_timestamp(),
  error    text,
  -- Rises whenever the lead has to be written anew, so that a writer removes only what it has seen.
  version  bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE profile_pic.lead_writes IS 'Leads whose row in the CRM must be written; error says why it was refused last';
CREATE INDEX lead_writes_due ON profile_pic.lead_writes (next_at);

-- One row: what views and checks must know of the workers' configuration, and where the reconciling walk stands.
CREATE TABLE profile_pic.settings (
  only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  default_pace integer NOT NULL DEFAULT 60
);
INSERT INTO profile_pic.settings DEFAULT VALUES;

ALTER TABLE profile_pic.pictures
  ADD COLUMN lead_url    text,
  ADD COLUMN written_url text,
  ADD COLUMN message_id  bigint NOT NULL DEFAULT 0,
  ADD COLUMN rewrites    smallint NOT NULL DEFAULT 0,
  ADD COLUMN rewrites_on date,
  ADD COLUMN lead_note   text;
COMMENT ON COLUMN profile_pic.pictures.lead_url IS 'The link that the CRM''s row should carry';
COMMENT ON COLUMN profile_pic.pictures.written_url IS 'The link that we last wrote into the CRM''s row';
COMMENT ON COLUMN profile_pic.pictures.message_id IS 'The message whose result stands here: of two results of one moment, the later message''s counts';
COMMENT ON COLUMN profile_pic.pictures.rewrites IS 'How often the CRM''s row had to be written again on the day rewrites_on, because the CRM had overwritten it';
COMMENT ON COLUMN profile_pic.pictures.lead_note IS 'OWN_PHOTO: the CRM''s row shows a photo that is not ours and stays; REWRITTEN_TOO_OFTEN: we stopped for the day';
ALTER TABLE profile_pic.pictures DROP CONSTRAINT pictures_state_check;
ALTER TABLE profile_pic.pictures ADD CONSTRAINT pictures_state_check
  CHECK (state IN ('PENDING', 'STORED', 'NOT_SET', 'HIDDEN', 'NOT_ON_WHATSAPP', 'UNKNOWN', 'FAILED', 'ERASED'));

INSERT INTO profile_pic.requests (lead_id, message_id, forced, phone, instance_id, requested_at)
SELECT p.lead_id, p.pending_message_id, p.pending_forced, p.phone, p.instance_id, p.requested_at
FROM profile_pic.pictures AS p WHERE p.pending_message_id IS NOT NULL;

-- A failed lead without a photo is looked at again when somebody asks; one with a photo goes stale like any other.
UPDATE profile_pic.pictures SET next_check_at = CASE WHEN storage_key IS NOT NULL THEN statement_timestamp() + interval '1 day' END
WHERE state = 'FAILED';

DROP INDEX profile_pic.pictures_due;
ALTER TABLE profile_pic.pictures DROP COLUMN pending_message_id, DROP COLUMN pending_forced;
-- Which leads are due for a look, by instance, the longest overdue first. A lead that is fed moves on in it, so leads whose request
-- is pending do not stand at its head.
CREATE INDEX pictures_due ON profile_pic.pictures (instance_id, next_check_at) WHERE next_check_at IS NOT NULL AND state <> 'ERASED';

-- What knew the old types. Their successors are in the repeatable migrations.
DROP FUNCTION IF EXISTS profile_pic.enqueue(jsonb), profile_pic.settle(jsonb, bytea[], boolean);
DROP FUNCTION IF EXISTS profile_pic.hold_leads(profile_pic.settlement[]), profile_pic.after_settle(profile_pic.settlement[]),
  profile_pic.answer_siblings(profile_pic.settlement[]), profile_pic.wait_for_sibling(profile_pic.judged_wish[], bigint[]);
DROP FUNCTION IF EXISTS profile_pic.claim(integer, integer, interval, text, integer), profile_pic.reserve(text, integer),
  profile_pic.slot_interval(integer, integer), profile_pic.pace_ratio(integer, integer);
DROP VIEW IF EXISTS profile_pic.queue_depth;
DROP TYPE profile_pic.known_lead, profile_pic.settlement, profile_pic.judged_wish;

-- A request on its way through enqueue (R__02).
CREATE TYPE profile_pic.photo_request AS (
  ordinal integer, lead_id text, phone text, url text, instance_id text, requested_at timestamptz, kind text, forced boolean,
  sibling boolean, trace text, line text, verdict text, known boolean, announced bigint, message_id bigint);

-- The result of one attempt on its way through settle (R__04).
CREATE TYPE profile_pic.attempt_result AS (
  msg_id bigint, read_ct integer, action text, delay_ms bigint, outcome text, detail text, attempts integer, down_since timestamptz,
  lead_id text, phone text, jid text, instance_id text, requested_at timestamptz, source_url text, source_id text, sha256 text,
  content_type text, width integer, height integer, size integer, storage_key text, lead_url text, next_check_ms bigint, pause_ms bigint,
  lookup boolean, extra_queries integer, known_sha256 text, lead_differs boolean, claimed_at timestamptz, avatar integer);

-- Messages that wait already. Bookkeeping moves out of their headers, guarded: any sender may have written those. What was put to a slot
-- or behind a hundred years' pause becomes due now; adopt takes it into its line within moments, in batches.
INSERT INTO profile_pic.deliveries (msg_id, attempts, returned, lookup)
SELECT q.msg_id,
       CASE WHEN q.headers ->> 'attempts' ~ '^[0-9]{1,4}$' THEN (q.headers ->> 'attempts')::integer ELSE 0 END,
       CASE WHEN q.headers ->> 'returned' ~ '^[0-9]{1,6}$' THEN least((q.headers ->> 'returned')::integer, q.read_ct) ELSE 0 END,
       q.headers ? 'lookup'
FROM pgmq.q_profile_pic_queue AS q
WHERE q.read_ct > 0 AND jsonb_typeof(q.headers) = 'object' AND q.headers ?| ARRAY['attempts', 'returned', 'lookup'];
UPDATE pgmq.q_profile_pic_queue AS q
SET vt = CASE WHEN q.vt > statement_timestamp() AND jsonb_typeof(q.headers) = 'object' AND q.headers ? 'slot'
                OR q.vt > statement_timestamp() + interval '50 years' THEN statement_timestamp() ELSE q.vt END,
    headers = CASE WHEN jsonb_typeof(q.headers) = 'object' THEN q.headers - ARRAY['slot', 'attempts', 'returned', 'lookup'] ELSE q.headers END
WHERE q.vt > statement_timestamp() + interval '50 years'
   OR (jsonb_typeof(q.headers) = 'object' AND q.headers ?| ARRAY['slot', 'attempts', 'returned', 'lookup']);

-- A number that had reserved slots far ahead starts after one interval at the latest.
INSERT INTO profile_pic.pace_states (instance_id, tat)
SELECT i.instance_id, least(i.next_slot_at, statement_timestamp() + interval '1 minute' / coalesce(i.pace_per_minute, 60))
FROM profile_pic.instances AS i WHERE i.next_slot_at > '-infinity';
ALTER TABLE profile_pic.instances DROP COLUMN next_slot_at;

-- A place in a line whose message is locked (R__03).
CREATE TYPE profile_pic.line_place AS (msg_id bigint, row_at tid, paced boolean, place timestamptz, kind text);

-- A lead's row in the CRM on its way through write_leads (R__27): what it says, what it should say, and what became of it.
CREATE TYPE profile_pic.lead_row AS (
  lead_id text, version bigint, held boolean, phone text, url text, path text, wanted_url text, wanted_path text, result text);
