-- What a number may ask WhatsApp, and what is left of it; `state` survives restarts so that a restart is no burst.
ALTER TABLE bridge.instances
  ADD COLUMN profile text NOT NULL DEFAULT 'normal' CHECK (profile IN ('normal', 'careful')),
  ADD COLUMN per_minute integer CHECK (per_minute > 0),
  ADD COLUMN per_day integer CHECK (per_day > 0);
CREATE TABLE bridge.budgets (
  instance_id text PRIMARY KEY REFERENCES bridge.instances (id) ON DELETE CASCADE,
  state       jsonb NOT NULL
);
