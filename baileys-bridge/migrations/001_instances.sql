-- One row per WhatsApp number, and who drives it.
-- owner, fence, lease_until: the process that holds the number until lease_until; fence grows with every change of
-- owner, and every write of credentials names the fence it was made under, so that a process that lost the lease
-- cannot overwrite what its successor wrote.
CREATE TABLE bridge.instances (
  id          text PRIMARY KEY,
  state       text NOT NULL DEFAULT 'connecting'
              CHECK (state IN ('connecting', 'qr', 'open', 'paused', 'logged_out', 'replaced', 'failed')),
  reason      text,
  since       timestamptz NOT NULL DEFAULT now(),
  jid         text,
  lid         text,
  owner       text,
  fence       bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  created_at  timestamptz NOT NULL DEFAULT now()
);
