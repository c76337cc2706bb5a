-- What settle knows of a lead while it holds the lead's row: where the row is, what it said before, and the result that changes it.
CREATE TYPE profile_pic.known_lead AS (
  row_at tid, state_before text, storage_key_before text, result profile_pic.settlement);

-- Previews are 3 to 5 KB: kept in the row itself, they cost no second table and index to write. Larger ones go out of line as before.
ALTER TABLE profile_pic.avatars SET (toast_tuple_target = 8160);
