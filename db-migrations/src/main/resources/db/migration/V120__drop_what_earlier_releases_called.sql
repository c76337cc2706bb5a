-- Functions of earlier releases that nothing calls any more. Most were called with fewer parameters: beside a
-- successor whose further parameters have defaults, a call would still find them.
DROP FUNCTION IF EXISTS profile_pic.enqueue(jsonb),
  profile_pic.enqueue(
    text[], text[], text[], text[], timestamptz[], text[], boolean[], boolean[], text[], text[]),
  profile_pic.judge_requests(
    text[], text[], text[], text[], timestamptz[], text[], boolean[], boolean[], text[], text[]),
  profile_pic.settle(
    bigint[], integer[], text[], bigint[], text[], text[], integer[], timestamptz[], text[], text[], text[],
    text[], timestamptz[], text[], text[], text[], text[], integer[], integer[], integer[], text[], text[],
    bigint[], bigint[], boolean[], integer[], text[], boolean[], bytea[], timestamptz[], text, boolean),
  profile_pic.end_messages(profile_pic.attempt_result[], tid[], text, boolean),
  profile_pic.is_leased(bigint, integer, integer),
  profile_pic.hold_leases(bigint[], integer[]),
  profile_pic.line_after(
    text, timestamptz, profile_pic.line_place[], integer, timestamptz, integer, timestamptz),
  profile_pic.read_leads(text[]),
  profile_pic.match_leads(text[], integer),
  profile_pic.count_without_photo(text, boolean),
  profile_pic.replay_dead_letters(bigint[], text, integer),
  profile_pic.replay_dead_letters(bigint[], text, integer, text[]),
  profile_pic.drop_dead_letter(bigint, text[]),
  profile_pic.feed_syncs(integer, interval),
  profile_pic.feed_sync(profile_pic.syncs, integer, interval),
  profile_pic.feed_refreshes(text, integer, interval, integer),
  profile_pic.start_sync(text, boolean, boolean, bigint, bigint, integer, text[], text[], text[]),
  profile_pic.start_sync(text, boolean, boolean, bigint, bigint, integer, text[], text[], text[], text),
  profile_pic.list_syncs(text[], bigint, bigint, integer),
  profile_pic.move_sync(bigint, text, text[]),
  profile_pic.change_instance(text, jsonb, text[]),
  profile_pic.walk_pictures(text[], text, text, text, text, integer, integer),
  profile_pic.learn_lids(text[], text[], text[], text[], timestamptz[]),
  profile_pic.resolve_lids(text[], text[]),
  profile_pic.keep_unmatched(text[], text[], boolean[], text[], timestamptz[]),
  profile_pic.kept_unmatched(text[], text[]),
  profile_pic.forget_unmatched(text[], text[], timestamptz[]),
  profile_pic.erase(text),
  profile_pic.erase(text, text[]),
  profile_pic.erase_lead(text, text[], text),
  profile_pic.is_about(jsonb, text[], text[], text[], text[]),
  profile_pic.allow_person(text, text[], text[]),
  profile_pic.revoke_links(text, text[]),
  profile_pic.take_idempotency_key(text, text, bytea),
  profile_pic.forget_idempotency_keys(),
  profile_pic.forget_webhooks(),
  profile_pic.forget_lost_wishes(interval, text, integer);

-- A function that returned something else, or whose parameter had another name, cannot be replaced. It is
-- dropped only where it lacks what it has today: should a later migration stop, the services of the release
-- before still find what they call.
DO $drops$
DECLARE
  earlier record;
BEGIN
  FOR earlier IN
    SELECT to_regprocedure('profile_pic.' || f.signature) AS function
    FROM (VALUES
      ('find_leads(text[])', 'url text'),
      ('forget_leads(text[])', ' text[] text[]'),
      ('end_requests(profile_pic.attempt_result[])', ' bigint[]'),
      ('claim(text[], timestamptz[], integer[], integer, interval, text, integer)',
       'link_generation integer'),
      ('lease_messages(profile_pic.line_place[], interval)', 'link_generation integer'),
      ('list_unrecognised(text[])', 'callers text[]'),
      ('list_dead_letters(text[], text, bigint, integer)', 'message jsonb'),
      ('lead_picture(text, text[])', 'link_generation integer'),
      ('list_instances(text[], text[], text, text, integer)', 'background_from timestamp with time zone'),
      ('photo_to_show(text)', 'storage_key text')) AS f (signature, has_today)
    CROSS JOIN LATERAL (SELECT to_regprocedure('profile_pic.' || f.signature)::oid AS id) AS found
    WHERE position(
      f.has_today IN
      pg_get_function_arguments(found.id) || ' ' || pg_get_function_result(found.id)) = 0
  LOOP
    EXECUTE format('DROP FUNCTION %s', earlier.function);
  END LOOP;
END
$drops$;
