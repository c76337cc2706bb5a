-- Why a chore refused to do something, for an operator to look at. Null when all is well.
ALTER TABLE profile_pic.chores ADD COLUMN warning text;
