-- Who is signed in at the web console. The browser has a random token; its digest is here, so the table lets nobody in. A session lasts as
-- long as its key does: each request asks whether a key of this digest is valid still.
CREATE TABLE profile_pic.console_sessions (
  token_sha256 bytea PRIMARY KEY CHECK (length(token_sha256) = 32),
  key_sha256   bytea NOT NULL CHECK (length(key_sha256) = 32),
  opened_at    timestamptz NOT NULL DEFAULT statement_timestamp(),
  ends_at      timestamptz NOT NULL
);
COMMENT ON TABLE profile_pic.console_sessions IS 'Sessions of the web console, by the digest of the browser''s token';
CREATE INDEX console_sessions_end ON profile_pic.console_sessions (ends_at);

-- What an operator looks for: leads whose photo is missing for a reason. Those with a photo, and those that nobody has looked at yet, are the
-- many, so they are not in it: a look that stores a photo, the hot path, does not touch it.
CREATE INDEX pictures_without_photo ON profile_pic.pictures (state, lead_id) WHERE state NOT IN ('STORED', 'PENDING');
