package dev.profilepic.receiver.privacy;

import java.util.Map;
import java.util.TreeMap;

/**
 * Every table of the project, with rows that name a person or the reason why it can name nobody.
 */
final class Places {

  /**
   * Tables that hold people, each with rows that name a person. The test replaces {@code {lead}}
   * and similar placeholders.
   */
  static final Map<String, String> OF_PEOPLE =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry(
                  "profile_pic.pictures",
                  """
                  INSERT INTO profile_pic.pictures (lead_id, instance_id, phone, jid, state, source_url, storage_key, content_type, requested_at, last_error,
                    lead_url, written_url)
                  VALUES ('{lead}', '{instance}', '{phone}', '{lid}@lid', 'STORED', 'https://pps.whatsapp.net/{token}', 'every/{n}-present', 'image/jpeg', now(),
                    'no answer for {typed}', '{link}', '{link}')
                  """),
              Map.entry(
                  "profile_pic.picture_history",
                  """
                  INSERT INTO profile_pic.picture_history (lead_id, outcome, state, detail, instance_id, storage_key, message_id)
                  VALUES ('{lead}', 'STORED', 'STORED', '{phone}', '{instance}', 'every/{n}-former', 1),
                         ('{lead}', 'STORED', 'STORED', '{typed}', '{instance}', 'every/{n}-present', 2)
                  """),
              Map.entry(
                  "profile_pic.avatars",
                  """
                  INSERT INTO profile_pic.avatars (storage_key, content_type, bytes)
                  VALUES ('every/{n}-present', 'image/jpeg', 'the photo of {phone}'), ('every/{n}-former', 'image/jpeg', 'the former photo of {phone}')
                  """),
              Map.entry(
                  "profile_pic.thumbnails",
                  """
                  INSERT INTO profile_pic.thumbnails (storage_key, size, bytes)
                  VALUES ('every/{n}-present', 96, 'a small photo of {phone}'), ('every/{n}-former', 192, 'a former one of {phone}')
                  """),
              Map.entry(
                  "profile_pic.lead_phones",
                  // The CRM deleted this lead unnoticed.
                  "INSERT INTO profile_pic.lead_phones (lead_id, suffix) VALUES ('{gone}', '{digits}')"),
              Map.entry(
                  "profile_pic.lids",
                  "INSERT INTO profile_pic.lids (instance_id, lid, phone) VALUES ('', '{lid}', '{old}'), ('elsewhere', '{lid}', '{phone}')"),
              Map.entry(
                  "profile_pic.unmatched_events",
                  "INSERT INTO profile_pic.unmatched_events (lid, instance_id, force, occurred_at, url) VALUES ('{lid}', '', false, now(), 'https://pps.whatsapp.net/{token}')"),
              Map.entry(
                  "profile_pic.webhook_receipts",
                  """
                  INSERT INTO profile_pic.webhook_receipts (source, webhook_id, signed_at)
                  VALUES ('waha', 'false_{old}@c.us_3EB0', 'epoch'), ('baileys', 'message of {lid}', now())
                  """),
              Map.entry(
                  "profile_pic.lookup_siblings",
                  "INSERT INTO profile_pic.lookup_siblings (message_id, lead_id, phone) VALUES ({n}, '{gone}', '{old}')"),
              Map.entry(
                  "profile_pic.sync_items",
                  """
                  WITH sync AS (
                    INSERT INTO profile_pic.syncs (instance_id, kind, state, total, batch_size) VALUES ('{instance}', 'list', 'DONE', 1, 1) RETURNING id)
                  INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone) SELECT id, '{gone}', '{typed}' FROM sync
                  """),
              Map.entry(
                  "profile_pic.requests",
                  """
                  INSERT INTO profile_pic.requests (lead_id, phone, url, requested_at, again_phone)
                  VALUES ('{lead}', '{phone}', 'https://pps.whatsapp.net/{token}', now(), NULL), ('{stranger}', '5511987650000', NULL, now(), '{old}')
                  """),
              Map.entry(
                  "profile_pic.lead_writes",
                  """
                  INSERT INTO profile_pic.lead_writes (lead_id, error)
                  VALUES ('{stranger}', 'Key (phone)=({typed}) already exists'), ('{lead}', 'Key (phone)=({phone}) already exists')
                  ON CONFLICT (lead_id) DO UPDATE SET error = excluded.error
                  """),
              Map.entry(
                  "profile_pic.unrecognised_webhooks",
                  """
                  INSERT INTO profile_pic.unrecognised_webhooks (kind, instance_id, seen, sample)
                  VALUES ('waha', '{n}', 1, '{"{phone}@c.us": {"name": "{name}"}}'), ('waha', '{n}-lid', 1, '{"{lid}@lid": {"pushName": "{name}"}}')
                  """),
              Map.entry(
                  "profile_pic.idempotency_keys",
                  """
                  INSERT INTO profile_pic.idempotency_keys (caller, key, fingerprint, body) VALUES
                    ('every place', 'sent to {phone}', sha256('1'), '{"success":true}'),
                    ('every place', '{n}-1', sha256('2'), '{"success":true,"lead_id":"{lead}","name":"{name}"}'),
                    ('every place', '{n}-2', sha256('3'), '{"errors":[{"message":"nobody has {typed} 2026-11-27 10:00"}]}'::bytea || '\\xff00'::bytea),
                    ('every place', '{n}-3', sha256('4'), '{"success":true,"lid":"{lid}@lid"}')
                  """),
              Map.entry(
                  "profile_pic.webhook_events",
                  """
                  INSERT INTO profile_pic.webhook_events (type, instance_id, lead_id, data) VALUES
                    ('picture.stored', '{instance}', '{lead}', '{"lead_id": "{lead}", "url": "{link}"}'),
                    ('system.alert', NULL, NULL, '{"summary": "nobody answers for {phone}"}')
                  """),
              Map.entry(
                  "profile_pic.webhook_deliveries",
                  """
                  WITH endpoint AS (
                    INSERT INTO profile_pic.webhook_endpoints (kind, url, events, secret, enabled, description)
                    VALUES ('webhook', 'https://example.com', '{lead.failed}', '', false, '{n}') RETURNING id
                  ), event AS (
                    INSERT INTO profile_pic.webhook_events (type, data, spread) VALUES ('lead.failed', '{}', true) RETURNING id)
                  INSERT INTO profile_pic.webhook_deliveries (endpoint_id, event_id, status, detail)
                  SELECT endpoint.id, event.id, 422, 'no contact {typed}' FROM endpoint, event
                  """),
              Map.entry("pgmq.q_profile_pic_queue", messages("q_profile_pic_queue")),
              Map.entry("pgmq.q_profile_pic_dlq", messages("q_profile_pic_dlq")),
              Map.entry("pgmq.a_profile_pic_queue", messages("a_profile_pic_queue")),
              Map.entry("pgmq.a_profile_pic_dlq", messages("a_profile_pic_dlq"))));

  /** Tables that can name nobody, each with the reason. */
  static final Map<String, String> OF_NOBODY =
      Map.ofEntries(
          Map.entry("profile_pic.alerts", "what is wrong with an instance"),
          Map.entry("profile_pic.api_keys", "callers and their digests"),
          Map.entry("profile_pic.audit", "leads by a digest, and what was done"),
          Map.entry("profile_pic.bridge_erasures", "sealed with a key that the database lacks"),
          Map.entry("profile_pic.chores", "when each was done"),
          Map.entry("profile_pic.console_sessions", "digests of tokens"),
          Map.entry("profile_pic.contact_avatars", "ids: the worker takes the photo away by them"),
          Map.entry("profile_pic.deliveries", "ids of messages"),
          Map.entry("profile_pic.flyway_schema_history", "names of migrations"),
          Map.entry("profile_pic.instance_events", "states of our own numbers"),
          Map.entry("profile_pic.instances", "our own numbers"),
          Map.entry("profile_pic.lead_changes", "ids of leads"),
          Map.entry("profile_pic.lead_phones_walk", "the id where a walk stands"),
          Map.entry("profile_pic.minute_figures", "figures"),
          Map.entry("profile_pic.pace_states", "times"),
          Map.entry("profile_pic.refreshes", "ids of messages"),
          Map.entry("profile_pic.settings", "settings"),
          Map.entry("profile_pic.sync_tallies", "figures"),
          Map.entry("profile_pic.syncs", "what was asked for, and the id where it stands"),
          Map.entry("profile_pic.tombstones", "phones by a keyed hash: this is what stays"),
          Map.entry("profile_pic.waiting", "ids of messages"),
          Map.entry("profile_pic.webhook_endpoints", "urls of the CRM's"),
          Map.entry("profile_pic.worker_reports", "names of workers"));

  private Places() {}

  /**
   * Returns SQL that inserts a message of the CRM, a message of a stranger's making, and a message
   * that names the person only in its headers.
   */
  private static String messages(String table) {
    return """
    INSERT INTO pgmq.%s (msg_id, read_ct, enqueued_at, vt, message, headers) OVERRIDING SYSTEM VALUE VALUES
      (-{n}, 1, now(), profile_pic.hidden(), '{"lead_id": "{gone}", "phone": "{typed}", "profile_pic_url": "https://pps.whatsapp.net/{token}"}', NULL),
      (-{n} - 100000000, 1, now(), profile_pic.hidden(), '{"contact": ["{lid}@lid", "{name}"]}', NULL),
      (-{n} - 200000000, 1, now(), profile_pic.hidden(), '{"lead_id": "another"}', '{"traceparent": null, "sender": "{phone}", "name": "{name}"}')
    """
        .formatted(table);
  }
}
