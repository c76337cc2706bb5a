-- Photos may be kept in a bucket instead of here. Each photo keeps its row in avatars, which then is the register of the object in the bucket:
-- no object without a row, so nothing is lost sight of (docs/decisions/photo-stores.md).
ALTER TABLE profile_pic.avatars ALTER COLUMN bytes DROP NOT NULL;
ALTER TABLE profile_pic.avatars
  ADD COLUMN in_bucket boolean NOT NULL DEFAULT false,
  ADD COLUMN size integer,
  ADD COLUMN put_until timestamptz NOT NULL DEFAULT '-infinity',
  ADD COLUMN doomed_at timestamptz,
  ADD COLUMN removals integer NOT NULL DEFAULT 0,
  ADD COLUMN removal_at timestamptz NOT NULL DEFAULT '-infinity',
  ADD COLUMN removal_error text;
ALTER TABLE profile_pic.avatars ADD CONSTRAINT avatars_are_somewhere CHECK (bytes IS NOT NULL OR in_bucket);
COMMENT ON TABLE profile_pic.avatars IS 'Every photo that is kept, addressed by its content, here or in a bucket';
COMMENT ON COLUMN profile_pic.avatars.bytes IS 'Null when the photo is in the bucket';
COMMENT ON COLUMN profile_pic.avatars.in_bucket IS 'Whether the bucket may have an object of this key';
COMMENT ON COLUMN profile_pic.avatars.size IS 'Bytes of the object in the bucket';
COMMENT ON COLUMN profile_pic.avatars.put_until IS 'Somebody may be writing the object until then: it is removed later';
COMMENT ON COLUMN profile_pic.avatars.doomed_at IS 'The object is to be removed from the bucket, and no lead is given it any more';
COMMENT ON COLUMN profile_pic.avatars.removal_error IS 'Why it could not be removed the last time';
CREATE INDEX avatars_doomed ON profile_pic.avatars (removal_at) WHERE doomed_at IS NOT NULL;

-- Small pictures made from photos that are kept here. They go when their photo goes; those of photos in a bucket are in the bucket.
CREATE TABLE profile_pic.thumbnails (
  storage_key text NOT NULL REFERENCES profile_pic.avatars ON DELETE CASCADE,
  -- Pixels along the longer side.
  size        smallint NOT NULL,
  bytes       bytea NOT NULL,
  PRIMARY KEY (storage_key, size)
);
COMMENT ON TABLE profile_pic.thumbnails IS 'Small pictures (JPEG) of the photos in avatars';
ALTER TABLE profile_pic.thumbnails ALTER COLUMN bytes SET STORAGE EXTERNAL;
