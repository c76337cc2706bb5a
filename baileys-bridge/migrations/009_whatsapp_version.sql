-- The newest version of WhatsApp Web that was read, for all processes: one row.
CREATE TABLE bridge.whatsapp_version (
  only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  version    text NOT NULL,
  fetched_at timestamptz NOT NULL DEFAULT now()
);
