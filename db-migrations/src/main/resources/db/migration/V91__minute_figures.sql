-- What the console's charts show: figures by minute, for a few days. '' stands for all instances together.
CREATE TABLE profile_pic.minute_figures (
  instance_id text NOT NULL,
  minute      timestamptz NOT NULL,
  -- depth.ready, depth.paced, ... (sampled once a minute); outcome.STORED, ... and seconds.5, ... (counted: looks, and how long they took
  -- from the event on, by the upper bound of their class)
  figure      text NOT NULL,
  value       double precision NOT NULL,
  PRIMARY KEY (instance_id, minute, figure)
) WITH (autovacuum_vacuum_scale_factor = 0.05);
COMMENT ON TABLE profile_pic.minute_figures IS 'Figures by minute for the web console; kept for profile-pic.figures.keep';
CREATE INDEX minute_figures_minute ON profile_pic.minute_figures (minute);

-- When each worker reported last, so that somebody notices when none does.
CREATE TABLE profile_pic.worker_reports (
  worker  text PRIMARY KEY,
  seen_at timestamptz NOT NULL
);
