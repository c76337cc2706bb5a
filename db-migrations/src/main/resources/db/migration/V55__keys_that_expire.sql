ALTER TABLE profile_pic.api_keys
  ADD COLUMN expires_at   timestamptz,
  ADD COLUMN last_used_at timestamptz;
COMMENT ON COLUMN profile_pic.api_keys.expires_at IS 'From when on the key is refused; null means never';
COMMENT ON COLUMN profile_pic.api_keys.last_used_at IS 'Written once a minute at the most, by whichever replica';
