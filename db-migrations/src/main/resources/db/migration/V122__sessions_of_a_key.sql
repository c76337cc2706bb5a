-- The sessions of one key, oldest first: a key has a limited number of them.
CREATE INDEX console_sessions_key ON profile_pic.console_sessions (key_sha256, opened_at);
