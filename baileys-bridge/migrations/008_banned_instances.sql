-- WhatsApp bans numbers, some until a certain time: connecting before makes it worse.
ALTER TABLE bridge.instances DROP CONSTRAINT instances_state_check;
ALTER TABLE bridge.instances
  ADD CONSTRAINT instances_state_check CHECK (
    state IN ('connecting', 'qr', 'open', 'paused', 'logged_out', 'replaced', 'banned', 'failed')),
  ADD COLUMN retry_at timestamptz;
