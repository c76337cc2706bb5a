-- How an event finds its leads when it names none: by phone, through a table of our own, because the CRM's table gets no
-- index from us (docs/decisions/lead-matching.md).

CREATE TABLE profile_pic.lead_phones (
  lead_id    text PRIMARY KEY,
  suffix     text,
  -- The message that the trigger sent for the lead, which nobody else knows of.
  message_id bigint
);
COMMENT ON TABLE profile_pic.lead_phones IS 'Leads by the last eight digits of their phone: candidates, to be checked against the CRM''s own row';
CREATE INDEX lead_phones_suffix ON profile_pic.lead_phones (suffix, lead_id) WHERE suffix IS NOT NULL;

-- Where the walk over leads that existed before us stands. One row.
CREATE TABLE profile_pic.lead_phones_walk (
  only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  after_id    text,
  finished_at timestamptz
);
INSERT INTO profile_pic.lead_phones_walk DEFAULT VALUES;

-- WhatsApp shows some people under a LID instead of their number. Learned from events that carry both.
CREATE TABLE profile_pic.lids (
  lid        text PRIMARY KEY,
  phone      text NOT NULL,
  learned_at timestamptz NOT NULL DEFAULT statement_timestamp()
);

-- Events of people of whom only the LID is known: the newest of each, kept until the number is.
CREATE TABLE profile_pic.unmatched_events (
  lid         text NOT NULL,
  instance_id text NOT NULL,
  force       boolean NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (lid, instance_id)
);
CREATE INDEX unmatched_events_recorded ON profile_pic.unmatched_events (recorded_at);

-- Signed webhooks that were accepted, so that a recorded one cannot be sent again.
CREATE TABLE profile_pic.webhook_receipts (
  source      text NOT NULL,
  webhook_id  text NOT NULL,
  signed_at   timestamptz NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT statement_timestamp(),
  PRIMARY KEY (source, webhook_id)
);
CREATE INDEX webhook_receipts_accepted ON profile_pic.webhook_receipts (accepted_at);

-- Wishes that wait for the answer to another lead's lookup, because both have one phone.
CREATE TABLE profile_pic.lookup_siblings (
  message_id bigint PRIMARY KEY,
  lead_id    text NOT NULL,
  phone      text NOT NULL
);
CREATE INDEX lookup_siblings_phone ON profile_pic.lookup_siblings (phone);
