-- Housekeeping: when each chore was last done, by whichever replica, so that more replicas or restarts do not make more of it.
CREATE TABLE profile_pic.chores (
  chore   text PRIMARY KEY,
  done_at timestamptz NOT NULL
);
