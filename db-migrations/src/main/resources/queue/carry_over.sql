-- Carries over the messages that wait in the queue of a release that put messages to slots. This comes before V30, which carries them over in
-- one transaction and holds `pictures` meanwhile. WaitingMessages runs this before each migration, outside a transaction. Does nothing on a
-- database at V30 or newer.
--
-- Works in batches of 5,000 messages, each in a separate transaction. Each message gets the same changes as in V30, so that V30 finds only
-- messages that were locked or came back meanwhile. The next run continues a run that was interrupted.
--
-- Locks: queue rows (SKIP LOCKED: V30 serves the rows that other sessions hold). Index: the queue's primary key.
DO $carry_over$
DECLARE
  batch CONSTANT integer := 5000;
  after bigint := 0;
  upto  bigint;
BEGIN
  IF to_regclass('pgmq.q_profile_pic_queue') IS NULL OR to_regclass('profile_pic.instances') IS NULL
      OR to_regclass('profile_pic.waiting') IS NOT NULL THEN
    RETURN;
  END IF;

  -- When several migrators run at once, one of them prepares.
  PERFORM pg_advisory_xact_lock(hashtextextended('profile_pic.carry_over', 0));
  IF to_regclass('profile_pic.carried_over') IS NULL THEN
    -- The bookkeeping waits here for the table that V30 makes; V52 moves it there.
    CREATE TABLE profile_pic.carried_over (
      msg_id   bigint PRIMARY KEY,
      attempts integer NOT NULL,
      returned integer NOT NULL,
      lookup   boolean NOT NULL
    );
    -- A worker of the release before would put the messages to slots again, and count their deliveries without the data that is taken out of
    -- their headers. Such a worker claims nothing from here on, and still settles its running messages. R__09 says the same after the
    -- migrations.
    DROP FUNCTION IF EXISTS profile_pic.claim(integer, integer, interval, text, integer);
    CREATE FUNCTION profile_pic.claim(max_messages integer, scan integer, lease interval, default_instance text, default_pace integer)
    RETURNS TABLE (msg_id bigint)
    LANGUAGE plpgsql AS $claim$
    BEGIN
      RAISE EXCEPTION 'this worker is older than the database: it claims nothing'
        USING HINT = 'Start the worker of the same release as the migrations.', ERRCODE = 'feature_not_supported';
    END
    $claim$;
  END IF;
  COMMIT;

  LOOP
    SELECT max(q.msg_id) INTO upto
    FROM (SELECT q.msg_id FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id > after ORDER BY q.msg_id LIMIT batch) AS q;
    EXIT WHEN upto IS NULL OR to_regclass('profile_pic.waiting') IS NOT NULL;

    -- A sender that can write headers can forge bookkeeping, so only values that can be ours are kept.
    WITH old AS MATERIALIZED (
      SELECT q.ctid AS row_at, q.msg_id, q.read_ct, q.vt, CASE WHEN jsonb_typeof(q.headers) = 'object' THEN q.headers ELSE '{}' END AS headers
      FROM pgmq.q_profile_pic_queue AS q
      WHERE q.msg_id > after AND q.msg_id <= upto
        AND (q.vt > statement_timestamp() + interval '50 years'
          OR jsonb_typeof(q.headers) = 'object' AND q.headers ?| ARRAY['slot', 'attempts', 'returned', 'lookup'])
      FOR UPDATE SKIP LOCKED
    ), kept AS (
      INSERT INTO profile_pic.carried_over AS c (msg_id, attempts, returned, lookup)
      SELECT o.msg_id,
             CASE WHEN o.headers ->> 'attempts' ~ '^[0-9]{1,4}$' THEN (o.headers ->> 'attempts')::integer ELSE 0 END,
             CASE WHEN o.headers ->> 'returned' ~ '^[0-9]{1,6}$' THEN least((o.headers ->> 'returned')::integer, o.read_ct) ELSE 0 END,
             o.headers ? 'lookup'
      FROM old AS o WHERE o.read_ct > 0 AND o.headers ?| ARRAY['attempts', 'returned', 'lookup']
      ON CONFLICT (msg_id) DO UPDATE
        SET attempts = greatest(c.attempts, excluded.attempts), returned = greatest(c.returned, excluded.returned), lookup = c.lookup OR excluded.lookup
    )
    UPDATE pgmq.q_profile_pic_queue AS q
    SET vt = CASE WHEN o.headers ? 'slot' OR q.vt > statement_timestamp() + interval '50 years' THEN least(q.vt, statement_timestamp()) ELSE q.vt END,
        headers = CASE WHEN jsonb_typeof(q.headers) = 'object' THEN q.headers - ARRAY['slot', 'attempts', 'returned', 'lookup'] ELSE q.headers END
    FROM old AS o WHERE q.ctid = o.row_at;
    COMMIT;
    after := upto;
  END LOOP;
END
$carry_over$;
