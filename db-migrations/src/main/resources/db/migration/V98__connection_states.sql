-- What the bridge tells of its numbers, for operators (R__36).
ALTER TABLE profile_pic.instances
  ADD COLUMN connection_state  text,
  ADD COLUMN connection_reason text,
  ADD COLUMN connection_until  timestamptz,
  ADD COLUMN connection_at     timestamptz,
  ADD COLUMN restricted_until  timestamptz,
  ADD COLUMN budget            jsonb,
  ADD COLUMN budget_at         timestamptz;
COMMENT ON COLUMN profile_pic.instances.connection_state IS 'As the bridge told it last: connecting, qr, open, paused, logged_out, replaced, banned, failed; null: it never told';
COMMENT ON COLUMN profile_pic.instances.connection_at IS 'Since when it is in this state';
COMMENT ON COLUMN profile_pic.instances.restricted_until IS 'Until when WhatsApp keeps the account from starting chats; batches stop meanwhile';
COMMENT ON COLUMN profile_pic.instances.budget IS 'Queries to WhatsApp that the bridge allows the number, as it told a worker at budget_at';
