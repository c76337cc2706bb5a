-- Who is told of what happens to photos, and what there is to tell. Written in the transaction of what happened, told by the workers.
CREATE TABLE profile_pic.webhook_endpoints (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind           text NOT NULL CHECK (kind IN ('webhook', 'chatwoot')),
  url            text NOT NULL,
  events         text[] NOT NULL,
  instances      text[] CHECK (cardinality(instances) > 0),
  settings       jsonb NOT NULL DEFAULT '{}',
  description    text,
  secret         bytea NOT NULL,
  former_secret  bytea,
  former_until   timestamptz,
  enabled        boolean NOT NULL DEFAULT true,
  disabled_why   text,
  failing_since  timestamptz,
  created_at     timestamptz NOT NULL DEFAULT statement_timestamp()
);
COMMENT ON COLUMN profile_pic.webhook_endpoints.kind IS 'webhook: signed events (Standard Webhooks); chatwoot: photos for its contacts';
COMMENT ON COLUMN profile_pic.webhook_endpoints.instances IS 'Events of these instances only; null for all, and for those of none';
COMMENT ON COLUMN profile_pic.webhook_endpoints.settings IS 'Of chatwoot: account_id, overwrite';
COMMENT ON COLUMN profile_pic.webhook_endpoints.secret IS 'Sealed by the receiver with AES-GCM; the key is profile-pic.sources.key';
COMMENT ON COLUMN profile_pic.webhook_endpoints.former_secret IS 'Signs besides, until former_until, so that nobody misses the change';
COMMENT ON COLUMN profile_pic.webhook_endpoints.failing_since IS 'When deliveries began to fail; null after each that succeeded';

-- Kept for a while, so that they can be told again. No phone is in them; links to photos end with the lead's erasure.
CREATE TABLE profile_pic.webhook_events (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uid         uuid NOT NULL DEFAULT gen_random_uuid(),
  type        text NOT NULL,
  at          timestamptz NOT NULL DEFAULT statement_timestamp(),
  instance_id text,
  lead_id     text,
  data        jsonb NOT NULL,
  spread      boolean NOT NULL DEFAULT false
);
COMMENT ON COLUMN profile_pic.webhook_events.spread IS 'Whether there are deliveries of it';
CREATE INDEX webhook_events_new ON profile_pic.webhook_events (id) WHERE NOT spread;
CREATE INDEX webhook_events_at ON profile_pic.webhook_events (at);
CREATE INDEX webhook_events_lead ON profile_pic.webhook_events (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE profile_pic.webhook_deliveries (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  endpoint_id bigint NOT NULL REFERENCES profile_pic.webhook_endpoints ON DELETE CASCADE,
  event_id    bigint NOT NULL REFERENCES profile_pic.webhook_events ON DELETE CASCADE,
  state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'skipped', 'failed')),
  attempts    integer NOT NULL DEFAULT 0,
  since       timestamptz NOT NULL DEFAULT statement_timestamp(),
  next_at     timestamptz NOT NULL DEFAULT statement_timestamp(),
  tried_at    timestamptz,
  status      integer,
  detail      text,
  UNIQUE (endpoint_id, event_id)
);
COMMENT ON COLUMN profile_pic.webhook_deliveries.state IS 'skipped: there was nothing to do, detail says why; failed: given up';
COMMENT ON COLUMN profile_pic.webhook_deliveries.since IS 'When it was to be told, or told again; given up three days later';
COMMENT ON COLUMN profile_pic.webhook_deliveries.status IS 'The HTTP status of the last answer';
CREATE INDEX webhook_deliveries_due ON profile_pic.webhook_deliveries (endpoint_id, next_at) WHERE state = 'pending';
CREATE INDEX webhook_deliveries_event ON profile_pic.webhook_deliveries (event_id);

-- Avatars that we gave to contacts elsewhere: any other that a contact has was chosen by a human.
CREATE TABLE profile_pic.contact_avatars (
  endpoint_id bigint NOT NULL REFERENCES profile_pic.webhook_endpoints ON DELETE CASCADE,
  lead_id     text NOT NULL,
  contact_id  text NOT NULL,
  avatar      text NOT NULL,
  PRIMARY KEY (endpoint_id, lead_id)
);
CREATE INDEX contact_avatars_lead ON profile_pic.contact_avatars (lead_id);

-- What is wrong at the moment, as far as the database knows.
CREATE TABLE profile_pic.alerts (
  name        text NOT NULL,
  instance_id text NOT NULL DEFAULT '',
  since       timestamptz NOT NULL DEFAULT statement_timestamp(),
  told        boolean NOT NULL DEFAULT false,
  PRIMARY KEY (name, instance_id)
);
COMMENT ON COLUMN profile_pic.alerts.told IS 'Whether it lasted long enough to be told';
