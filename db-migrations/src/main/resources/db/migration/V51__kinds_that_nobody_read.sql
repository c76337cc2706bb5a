-- The kind of a request is in its message. Nothing read these copies.
ALTER TABLE profile_pic.requests DROP COLUMN again_kind;
ALTER TABLE profile_pic.waiting DROP COLUMN kind;
ALTER TYPE profile_pic.line_place DROP ATTRIBUTE kind;
