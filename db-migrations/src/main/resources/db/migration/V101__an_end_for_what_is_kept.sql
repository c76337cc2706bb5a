-- LIDs that no event has named for long are forgotten (R__26): the longest unheard of first.
CREATE INDEX lids_told ON profile_pic.lids (told_at);
