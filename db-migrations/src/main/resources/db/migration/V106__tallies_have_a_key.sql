-- A table without a primary key cannot be replicated row by row, and Supabase's linter names it. Rows are only added and folded, so a number
-- of their own is all that there is to tell them apart.
--
-- Locks: ACCESS EXCLUSIVE on a table of some hundred rows, which is rewritten.
ALTER TABLE profile_pic.sync_tallies ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
