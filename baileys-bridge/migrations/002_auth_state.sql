-- Baileys' credentials and Signal keys, encrypted by the bridge (AES-256-GCM) before they come here.
CREATE TABLE bridge.auth_state (
  instance_id text NOT NULL REFERENCES bridge.instances (id) ON DELETE CASCADE,
  category    text NOT NULL,
  key_id      text NOT NULL,
  value       bytea NOT NULL,
  PRIMARY KEY (instance_id, category, key_id)
);
