-- Under which jid WhatsApp knows a phone number (Brazil's ninth digit, Mexico's and Argentina's extra digit), so that
-- it is asked once. Rows are dropped after 30 days.
CREATE TABLE bridge.contacts (
  phone       text PRIMARY KEY,
  jid         text NOT NULL,
  lid         text,
  resolved_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX contacts_resolved_at ON bridge.contacts (resolved_at);
