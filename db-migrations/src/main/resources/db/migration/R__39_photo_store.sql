-- Photos in a bucket, and thumbnails. avatars has a row for each object; docs/decisions/0014-photo-stores.md
-- says how rows and objects stay together.
--
--   register_photo(key, type, size, lease_ms)   before an object is put: 'put', 'here' (the bytes are in the
--                                               database) or 'doomed'
--   hold_photo(key, lease_ms)                   before a thumbnail's object is put: whether it may be
--   keep_thumbnail, thumbnail                   of photos in the database
--   drop_photos(keys)                           for our own functions: photos that no lead refers to are
--                                               removed, or doomed
--   take_removals, removal_done, removal_failed   used by the worker that removes doomed objects from the
--                                                 bucket
--   photos_to_move, photo_bytes, begin_move, end_move, move_back   bin/move-store
--   store_sizes()                               how much is stored, and where
--
-- Parameters: lease_ms, how long the caller may take to write the object. Until then the object is not
-- removed.

-- Locks: the photo's row. Index: primary key.
CREATE OR REPLACE FUNCTION profile_pic.register_photo(key text, type text, size integer, lease_ms bigint)
RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  verdict text;
BEGIN
  INSERT INTO profile_pic.avatars AS a (storage_key, content_type, in_bucket, size, put_until)
  VALUES (
    register_photo.key, register_photo.type, true, register_photo.size,
    statement_timestamp() + lease_ms * interval '1 ms')
  ON CONFLICT (storage_key) DO UPDATE
    SET created_at = CASE WHEN a.doomed_at IS NULL THEN excluded.created_at ELSE a.created_at END,
        size = coalesce(a.size, excluded.size),
        put_until = CASE WHEN a.doomed_at IS NULL AND a.bytes IS NULL
                           THEN greatest(a.put_until, excluded.put_until)
                         ELSE a.put_until END
  RETURNING CASE WHEN a.doomed_at IS NOT NULL THEN 'doomed'
                 WHEN a.bytes IS NOT NULL THEN 'here'
                 ELSE 'put' END
  INTO verdict;
  RETURN verdict;
END
$$;

-- Locks: the photo's row. Index: primary key.
CREATE OR REPLACE FUNCTION profile_pic.hold_photo(key text, lease_ms bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.avatars AS a
  SET put_until = greatest(a.put_until, statement_timestamp() + lease_ms * interval '1 ms')
  WHERE a.storage_key = hold_photo.key AND a.in_bucket AND a.doomed_at IS NULL;
  RETURN FOUND;
END
$$;

-- Does nothing when the photo is gone meanwhile. Locks: the photo's row, shared. Index: primary keys.
CREATE OR REPLACE FUNCTION profile_pic.keep_thumbnail(key text, size integer, bytes bytea) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO profile_pic.thumbnails (storage_key, size, bytes)
  SELECT a.storage_key, keep_thumbnail.size, keep_thumbnail.bytes
  FROM profile_pic.avatars AS a WHERE a.storage_key = keep_thumbnail.key AND a.bytes IS NOT NULL FOR KEY SHARE
  ON CONFLICT DO NOTHING
$$;

CREATE OR REPLACE FUNCTION profile_pic.thumbnail(key text, size integer) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT t.bytes FROM profile_pic.thumbnails AS t
  WHERE t.storage_key = thumbnail.key AND t.size = thumbnail.size
$$;

-- Removes the photos among these that no lead has: the rows of photos in the database at once, and the
-- objects of the others a moment later. The caller has locked the rows, so a session that gives such a photo
-- to a lead at this moment has committed, or waits. Returns how many were removed.
-- Indexes: primary key, pictures (storage_key).
CREATE OR REPLACE FUNCTION profile_pic.drop_photos(keys text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
  gone   bigint;
  doomed text[];
BEGIN
  DELETE FROM profile_pic.avatars AS a
  WHERE a.storage_key = ANY (keys) AND NOT a.in_bucket
    AND NOT EXISTS (SELECT FROM profile_pic.pictures AS p WHERE p.storage_key = a.storage_key OFFSET 0);
  GET DIAGNOSTICS gone = ROW_COUNT;
  WITH removed AS (
    UPDATE profile_pic.avatars AS a
    SET bytes = NULL, doomed_at = coalesce(a.doomed_at, statement_timestamp()),
        removal_at = statement_timestamp()
    WHERE a.storage_key = ANY (keys) AND a.in_bucket AND (a.doomed_at IS NULL OR a.bytes IS NOT NULL)
      AND NOT EXISTS (
        SELECT FROM profile_pic.pictures AS p WHERE p.storage_key = a.storage_key OFFSET 0)
    RETURNING a.storage_key
  )
  SELECT array_agg(r.storage_key) INTO doomed FROM removed AS r;
  IF doomed IS NOT NULL THEN
    DELETE FROM profile_pic.thumbnails AS t WHERE t.storage_key = ANY (doomed);
  END IF;
  RETURN gone + coalesce(cardinality(doomed), 0);
END
$$;

-- Objects that are to be removed now, the longest due first. They belong to the caller for two minutes; if
-- the caller dies meanwhile, the next caller gets them. Locks: their rows (SKIP LOCKED). Index:
-- avatars_doomed.
CREATE OR REPLACE FUNCTION profile_pic.take_removals(most integer)
RETURNS TABLE (storage_key text, attempt integer)
LANGUAGE sql AS $$
  UPDATE profile_pic.avatars AS a
  SET removals = a.removals + 1, removal_at = statement_timestamp() + interval '2 minutes'
  WHERE a.storage_key = ANY (ARRAY(
    SELECT o.storage_key FROM profile_pic.avatars AS o
    WHERE o.doomed_at IS NOT NULL AND o.removal_at <= statement_timestamp()
      AND o.put_until <= statement_timestamp()
    ORDER BY o.removal_at LIMIT most FOR UPDATE SKIP LOCKED))
  RETURNING a.storage_key, a.removals
$$;

-- The object is gone. A photo whose bytes are in the database stays, and is only there. A caller that took
-- longer than its two minutes changes nothing.
CREATE OR REPLACE FUNCTION profile_pic.removal_done(key text, attempt integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM profile_pic.avatars AS a
  WHERE a.storage_key = key AND a.doomed_at IS NOT NULL AND a.removals = attempt AND a.bytes IS NULL;
  UPDATE profile_pic.avatars AS a
  SET in_bucket = false, size = NULL, doomed_at = NULL, removals = 0, removal_at = '-infinity',
      removal_error = NULL, put_until = '-infinity'
  WHERE a.storage_key = key AND a.doomed_at IS NOT NULL AND a.removals = attempt;
END
$$;

-- Records why a removal failed; the removal is due again after 1 s, 2 s, 4 s, ... one hour.
CREATE OR REPLACE FUNCTION profile_pic.removal_failed(key text, attempt integer, why text) RETURNS void
LANGUAGE sql AS $$
  UPDATE profile_pic.avatars AS a
  SET removal_error = left(why, 300),
      removal_at = statement_timestamp()
        + least(interval '1 s' * 2 ^ least(a.removals - 1, 12), interval '1 hour')
  WHERE a.storage_key = removal_failed.key AND a.removals = removal_failed.attempt AND a.doomed_at IS NOT NULL
$$;

-- Photos in the database (to_bucket), or in the bucket, in the order of their keys behind `after`.
-- Index: primary key.
CREATE OR REPLACE FUNCTION profile_pic.photos_to_move(to_bucket boolean, after text, most integer)
RETURNS TABLE (storage_key text, content_type text)
LANGUAGE sql STABLE AS $$
  SELECT a.storage_key, a.content_type FROM profile_pic.avatars AS a
  WHERE a.storage_key > after AND (a.bytes IS NOT NULL) = to_bucket AND a.doomed_at IS NULL
  ORDER BY a.storage_key LIMIT most
$$;

CREATE OR REPLACE FUNCTION profile_pic.photo_bytes(key text) RETURNS bytea
LANGUAGE sql STABLE AS $$ SELECT a.bytes FROM profile_pic.avatars AS a WHERE a.storage_key = key $$;

-- Whether bin/move-store may put a photo's object; called before the object is put. Locks: the photo's row.
CREATE OR REPLACE FUNCTION profile_pic.begin_move(key text, lease_ms bigint) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.avatars AS a
  SET in_bucket = true, size = octet_length(a.bytes),
      put_until = greatest(a.put_until, statement_timestamp() + lease_ms * interval '1 ms')
  WHERE a.storage_key = key AND a.bytes IS NOT NULL AND a.doomed_at IS NULL;
  RETURN FOUND;
END
$$;

-- The object is in the bucket: from now on the photo is served from there. Locks: the photo's row.
CREATE OR REPLACE FUNCTION profile_pic.end_move(key text) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.avatars AS a SET bytes = NULL
  WHERE a.storage_key = key AND a.in_bucket AND a.bytes IS NOT NULL AND a.doomed_at IS NULL;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  DELETE FROM profile_pic.thumbnails AS t WHERE t.storage_key = key;
  RETURN true;
END
$$;

-- Brings a photo's bytes back from the bucket, and has its object removed. Locks: the photo's row.
CREATE OR REPLACE FUNCTION profile_pic.move_back(key text, bytes bytea) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE profile_pic.avatars AS a
  SET bytes = move_back.bytes, doomed_at = statement_timestamp(), removals = 0,
      removal_at = statement_timestamp()
  WHERE a.storage_key = move_back.key AND a.bytes IS NULL AND a.doomed_at IS NULL;
  RETURN FOUND;
END
$$;

-- The amount that is stored: in the database, the whole disk space of the tables of photos; in the bucket,
-- the photos without their thumbnails. Reads each photo's row.
CREATE OR REPLACE FUNCTION profile_pic.store_sizes()
RETURNS TABLE (store text, photos bigint, bytes bigint, removals bigint)
LANGUAGE sql STABLE AS $$
  SELECT 'postgres', count(*) FILTER (WHERE a.bytes IS NOT NULL),
         pg_total_relation_size('profile_pic.avatars') + pg_total_relation_size('profile_pic.thumbnails'),
         0::bigint
  FROM profile_pic.avatars AS a
  UNION ALL
  SELECT 's3', count(*), coalesce(sum(a.size), 0), count(*) FILTER (WHERE a.doomed_at IS NOT NULL)
  FROM profile_pic.avatars AS a WHERE a.in_bucket
$$;
