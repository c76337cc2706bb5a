-- Where each instance's pictures are asked for. Null: at the source that the workers are configured with, our bridge by default.
ALTER TABLE profile_pic.instances
  ADD COLUMN source_kind           text,
  ADD COLUMN source_url            text,
  ADD COLUMN source_name           text,
  ADD COLUMN source_credential     bytea,
  ADD COLUMN source_credential_env text,
  ADD CONSTRAINT source_is_whole CHECK (source_kind IS NOT NULL
    OR num_nonnulls(source_url, source_name, source_credential, source_credential_env) = 0),
  ADD CONSTRAINT source_has_one_credential CHECK (num_nonnulls(source_credential, source_credential_env) <= 1);
COMMENT ON COLUMN profile_pic.instances.source_kind IS 'The kind of gateway, for example evolution';
COMMENT ON COLUMN profile_pic.instances.source_name IS 'The gateway''s own name for the instance; null when it is the same';
COMMENT ON COLUMN profile_pic.instances.source_credential IS 'Sealed by the receiver with AES-GCM; the key is profile-pic.sources.key';
COMMENT ON COLUMN profile_pic.instances.source_credential_env IS 'Name of the workers'' environment variable that holds the credential';
