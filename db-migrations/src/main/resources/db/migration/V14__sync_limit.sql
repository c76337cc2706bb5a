-- A sync may be limited to so many leads; null means all. total is counted at the start, and exact when all are fed.
ALTER TABLE profile_pic.syncs ADD COLUMN most bigint CHECK (most > 0);
