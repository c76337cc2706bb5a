-- What a chore refused to do, and why: people are to look at it. Null when all is well.
ALTER TABLE profile_pic.chores ADD COLUMN warning text;
