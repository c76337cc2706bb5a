-- Answers to requests that carry an Idempotency-Key, so that one that is sent again is answered again and not done again.
CREATE TABLE profile_pic.idempotency_keys (
  caller       text NOT NULL,
  key          text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  fingerprint  bytea NOT NULL CHECK (length(fingerprint) = 32),
  taken_at     timestamptz NOT NULL DEFAULT statement_timestamp(),
  -- When a request that was neither answered nor given up may be taken again; null once it is answered.
  open_until   timestamptz,
  status       integer,
  content_type text,
  body         bytea CHECK (length(body) <= 65536),
  PRIMARY KEY (caller, key)
);
COMMENT ON COLUMN profile_pic.idempotency_keys.fingerprint IS 'SHA-256 of method, path and body';
CREATE INDEX idempotency_keys_taken ON profile_pic.idempotency_keys (taken_at);
CREATE INDEX idempotency_keys_caller ON profile_pic.idempotency_keys (caller, taken_at);
