package dev.profilepic.receiver.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.mock.env.MockEnvironment;

/**
 * A person in every table of ours, and in no table once they are erased. Whoever adds a table adds
 * it here, with a row that names the person or with the reason why it can name nobody. The bridge's
 * tables: its own {@code erase.test.ts}. Objects in a bucket: the worker's {@code StoreContract}.
 */
class EveryPlaceTest extends ReceiverTest {

  private static final String INSTANCE = "every_place";

  /** Tables that hold people, each with rows that name this one; see {@link #fill}. */
  private static final Map<String, String> OF_PEOPLE =
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
                  // A lead that the CRM deleted while nobody looked.
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

  /** Tables that can name nobody, and why. */
  private static final Map<String, String> OF_NOBODY =
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

  @Autowired private DataSource dataSource;

  private final String digits =
      Integer.toString(ThreadLocalRandom.current().nextInt(90_000_000, 99_999_999));

  /** Makes what must be unique, and is nobody's phone. */
  private final String number =
      Integer.toString(ThreadLocalRandom.current().nextInt(10_000_000, 79_999_999));

  private final String phone = "55629" + digits;
  private final String lid = "77" + digits + "0042";
  private final String name = "Zuleica" + UUID.randomUUID().toString().replace("-", "");
  private final String token = "sig" + UUID.randomUUID().toString().replace("-", "");

  private String lead = "";
  private String link = "";

  @AfterEach
  void leaveNothingToOthers() throws SQLException {
    run(0, "erase", "--phone", phone);
    jdbc.sql("DELETE FROM profile_pic.webhook_endpoints WHERE description = ?")
        .param(number)
        .update();
    jdbc.sql("DELETE FROM profile_pic.unrecognised_webhooks WHERE instance_id LIKE ?")
        .param(number + "%")
        .update();
  }

  @Test
  void everyTableIsKnown() {
    var known = new TreeSet<>(OF_PEOPLE.keySet());
    known.addAll(OF_NOBODY.keySet());

    assertThat(
            tables().stream()
                .filter(
                    table -> table.startsWith("profile_pic.") || table.contains("_profile_pic_")))
        .as(
            "a new table is erased from in R__33_erasure.sql and filled here, or is listed with the reason why it names nobody")
        .containsExactlyInAnyOrderElementsOf(known);
  }

  @Test
  void afterADeletionNobodyIsFound() {
    fill();

    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isEqualTo(204);

    nobodyIsFound();
  }

  @Test
  void afterAnErasureByThePhoneNobodyIsFound() throws SQLException {
    fill();

    run(0, "erase", "--phone", "+" + phone);

    nobodyIsFound();
  }

  @Test
  void aPersonWhoIsNoLeadIsFoundNowhereEither() throws SQLException {
    fill();
    jdbc.sql("DELETE FROM public.leads WHERE id = ?::uuid").param(lead).update();

    run(0, "erase", "--phone", phone);

    nobodyIsFound();
  }

  @Test
  void theExportNamesEveryTableThatHoldsThePerson() throws SQLException {
    fill();

    var told = run(0, "export", "--lead", lead);

    // Their bytes are under "photos".
    var held = new TreeSet<>(OF_PEOPLE.keySet());
    held.removeAll(List.of("profile_pic.avatars", "profile_pic.thumbnails"));
    assertThat(held).allSatisfy(table -> assertThat(told).contains("\"" + table + "\""));
    assertThat(told)
        .contains("\"name\" : \"" + name + "\"")
        .contains("every/" + number + "-present", "every/" + number + "-former")
        .contains(lid, link);
    assertThat(audit("lead_exported"))
        .singleElement()
        .satisfies(row ->
            assertThat(row)
                .contains("bin/export")
                .doesNotContain(lead)
                .doesNotContain(digits)
                .doesNotContain(name));
  }

  /** A message of the CRM's, one of a stranger's making, and one that tells in its headers only. */
  private static String messages(String table) {
    return """
    INSERT INTO pgmq.%s (msg_id, read_ct, enqueued_at, vt, message, headers) OVERRIDING SYSTEM VALUE VALUES
      (-{n}, 1, now(), profile_pic.hidden(), '{"lead_id": "{gone}", "phone": "{typed}", "profile_pic_url": "https://pps.whatsapp.net/{token}"}', NULL),
      (-{n} - 100000000, 1, now(), profile_pic.hidden(), '{"contact": ["{lid}@lid", "{name}"]}', NULL),
      (-{n} - 200000000, 1, now(), profile_pic.hidden(), '{"lead_id": "another"}', '{"traceparent": null, "sender": "{phone}", "name": "{name}"}')
    """
        .formatted(table);
  }

  /** The person, in every place. */
  private void fill() {
    lead = newLead("+55 (62) 9%s-%s".formatted(digits.substring(0, 4), digits.substring(4)));
    link = "https://photos.example.com/avatars/" + lead + "?sig=" + token;
    jdbc.sql("UPDATE public.leads SET name = ?, profile_pic_url = ? WHERE id = ?::uuid")
        .params(name, link, lead)
        .update();
    var stranger = newLead("5511987650000");
    var values =
        Map.of(
            "lead", lead,
            "stranger", stranger,
            "gone", UUID.randomUUID().toString(),
            "instance", INSTANCE,
            "phone", phone,
            "old", "5562" + digits,
            "typed", "+55 (62) 9 %s-%s".formatted(digits.substring(0, 4), digits.substring(4)),
            "lid", lid,
            "name", name,
            "token", token);
    // Photos before their thumbnails, the rest in any order.
    for (var table :
        Stream.concat(
                Stream.of("profile_pic.avatars"),
                OF_PEOPLE.keySet().stream().filter(it -> !it.equals("profile_pic.avatars")))
            .toList()) {
      var sql =
          Objects.requireNonNull(OF_PEOPLE.get(table))
              .replace("{n}", number)
              .replace("{digits}", digits)
              .replace("{link}", link);
      for (var value : values.entrySet()) {
        sql = sql.replace("{" + value.getKey() + "}", value.getValue());
      }
      jdbc.sql(sql).update();
    }
    assertThat(tablesThatTell()).containsExactlyInAnyOrderElementsOf(OF_PEOPLE.keySet());
  }

  private void nobodyIsFound() {
    // As a worker does within moments.
    jdbc.sql("SELECT lead_id FROM profile_pic.write_leads(ARRAY[?])")
        .param(lead)
        .query(String.class)
        .list();

    assertThat(tablesThatTell()).isEmpty();
    assertThat(
            jdbc.sql(
                    "SELECT count(*) FROM public.leads WHERE id = ?::uuid AND (profile_pic_url IS NOT NULL OR profile_pic_storage_path IS NOT NULL)")
                .param(lead)
                .query(Long.class)
                .single())
        .as("photos that the CRM shows")
        .isZero();
    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.avatars WHERE storage_key LIKE ?")
                .param("every/" + number + "%")
                .query(Long.class)
                .single())
        .isZero();
    assertThat(
            jdbc.sql("SELECT phone_digest FROM profile_pic.tombstones").query(String.class).list())
        .isNotEmpty()
        .noneMatch(digest -> digest.contains(digits));
    assertThat(audit("lead_erased")).isNotEmpty();
  }

  /** Every table of every schema, but the CRM's own, with a row whose texts or bytes name them. */
  private List<String> tablesThatTell() {
    var telling = new ArrayList<String>();
    for (var table : tables()) {
      var bytes =
          jdbc.sql(
                  "SELECT format(', encode(t.%I, ''escape'')', a.attname) FROM pg_attribute AS a WHERE a.attrelid = ?::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'bytea'::regtype")
              .param(table)
              .query(String.class)
              .list();
      var rows =
          jdbc.sql(
                  "SELECT count(*) FROM "
                      + table
                      + " AS t WHERE translate(concat(t::text"
                      + String.join("", bytes)
                      + "), ' ()+-./', '') LIKE ANY (ARRAY[?, ?, ?, ?])")
              .params("%" + digits + "%", "%" + lid + "%", "%" + name + "%", "%" + token + "%")
              .query(Long.class)
              .single();
      if (rows > 0) {
        telling.add(table);
      }
    }
    return telling;
  }

  private List<String> tables() {
    return jdbc.sql(
            """
            SELECT format('%I.%I', n.nspname, c.relname)
            FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
              AND c.oid <> 'public.leads'::regclass
            """)
        .query(String.class)
        .list();
  }

  private List<String> audit(String deed) {
    return jdbc.sql(
            "SELECT a::text FROM profile_pic.audit AS a WHERE a.deed = ? AND a.subject = profile_pic.lead_digest(?)")
        .params(deed, lead)
        .query(String.class)
        .list();
  }

  private String run(int status, String... arguments) throws SQLException {
    var environment = new MockEnvironment();
    environment.setProperty("PROFILE_PIC_ERASURE_KEY", "local-erasure-key");
    var printed = new ByteArrayOutputStream();
    try (var connection = dataSource.getConnection();
        var out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      assertThat(new PrivacyCommand(connection, environment, out, out).execute(List.of(arguments)))
          .isEqualTo(status);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
