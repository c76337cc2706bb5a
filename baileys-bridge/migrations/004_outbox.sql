-- Events on their way to the receiver; a row is deleted when the receiver has answered 2xx.
-- due_at is moved ahead while a delivery is under way, so that a process that dies loses nothing.
CREATE TABLE bridge.outbox (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id   uuid NOT NULL UNIQUE,
  body       text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  attempts   integer NOT NULL DEFAULT 0,
  due_at     timestamptz NOT NULL DEFAULT now(),
  last_error text
);
CREATE INDEX outbox_due_at ON bridge.outbox (due_at);
