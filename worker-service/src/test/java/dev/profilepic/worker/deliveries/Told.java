package dev.profilepic.worker.deliveries;

import dev.profilepic.contract.EndpointKind;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.WebhookSecret;
import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * A worker that tells endpoints about changes to leads, and short methods for the steps of tests.
 */
final class Told implements AutoCloseable {

  static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  static final String SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

  final TestDatabase database = TestDatabase.migratedWithTriggers();
  final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());
  final FakeBridge bridge = new FakeBridge();
  private final RunningWorker worker;

  /**
   * @param trusted origins of endpoints that are not public
   */
  Told(String... trusted) {
    worker =
        RunningWorker.start(
            database,
            bridge,
            "profile-pic.sources.key=" + KEY,
            "profile-pic.sources.trusted-origins=" + String.join(",", trusted),
            "profile-pic.deliveries.timeout=3s");
  }

  long webhook(String url, String events, @Nullable String instance) {
    return endpoint(EndpointKind.WEBHOOK, url, events, instance, SECRET, "{}");
  }

  long chatwoot(String url, String token, boolean overwrite) {
    return endpoint(
        EndpointKind.CHATWOOT,
        url,
        "picture.stored,picture.changed,picture.removed",
        null,
        token,
        "{\"account_id\": %d, \"overwrite\": %s}".formatted(FakeChatwoot.ACCOUNT, overwrite));
  }

  private long endpoint(
      EndpointKind kind,
      String url,
      String events,
      @Nullable String instance,
      String secret,
      String settings) {
    var id =
        jdbc.queryForObject(
            """
            INSERT INTO profile_pic.webhook_endpoints (kind, url, events, instances, secret, settings)
            VALUES (?, ?, string_to_array(?, ','), string_to_array(?, ','), ?, ?::jsonb) RETURNING id
            """,
            Long.class,
            kind.id(),
            url,
            events,
            instance,
            sealed(kind, url, secret),
            settings);
    return id == null ? 0 : id;
  }

  static byte[] sealed(EndpointKind kind, String url, String secret) {
    return new SourceCredentials(KEY).seal(secret, new SourceCredentials.Endpoint(kind, url));
  }

  /** Returns a secret that no endpoint has. */
  static String otherSecret() {
    return WebhookSecret.generate();
  }

  String lead(String phone, @Nullable String instance) {
    var lead = UUID.randomUUID().toString();
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, ?, ?)",
        lead,
        phone,
        instance);
    return lead;
  }

  /** Asks for a lead's photo, waits until the request is settled, and returns the lead's state. */
  String ask(String lead) {
    jdbc.queryForList(
        """
        SELECT 1 FROM profile_pic.enqueue((
          SELECT jsonb_agg(jsonb_build_object('lead_id', id, 'phone', phone, 'instance_id', instance_id, 'force_update', true))
          FROM public.leads WHERE id = ?::uuid))
        """,
        lead);
    until(
        "NOT EXISTS (SELECT FROM profile_pic.requests WHERE lead_id = '%s' AND message_id IS NOT NULL)"
            .formatted(lead));
    return String.valueOf(
        jdbc.queryForObject(
            "SELECT state FROM profile_pic.pictures WHERE lead_id = ?", String.class, lead));
  }

  /**
   * Waits until a new lead, whose photo the CRM's trigger requests, is settled, and returns its
   * state.
   */
  String stateOfNew(String lead) {
    until(
        "(SELECT state <> 'PENDING' FROM profile_pic.pictures WHERE lead_id = '%s')"
            .formatted(lead));
    return one(String.class, "SELECT state FROM profile_pic.pictures WHERE lead_id = ?", lead);
  }

  /** Waits until every event was spread, and every pending delivery was tried at least once. */
  void untilTold() {
    until(
        """
        NOT EXISTS (SELECT FROM profile_pic.webhook_events WHERE NOT spread)
        AND NOT EXISTS (SELECT FROM profile_pic.webhook_deliveries WHERE state = 'pending' AND status IS NULL AND detail IS NULL)
        """);
  }

  /** Makes every pending delivery due. */
  void makeDue() {
    jdbc.update(
        "UPDATE profile_pic.webhook_deliveries SET next_at = now(), status = NULL, detail = NULL WHERE state = 'pending'");
  }

  void until(String condition) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> Boolean.TRUE.equals(jdbc.queryForObject("SELECT " + condition, Boolean.class)));
  }

  <T> T one(Class<T> type, String sql, @Nullable Object... arguments) {
    var value = jdbc.queryForObject(sql, type, arguments);
    if (value == null) {
      throw new AssertionError("null from " + sql);
    }
    return value;
  }

  /** Removes all endpoints and all events, so that each test starts without them. */
  void reset() {
    // TRUNCATE would deadlock with the running worker.
    for (var table :
        List.of(
            "webhook_deliveries", "webhook_endpoints", "webhook_events", "alerts", "tombstones")) {
      jdbc.execute("DELETE FROM profile_pic." + table);
    }
  }

  @Override
  public void close() {
    worker.close();
    bridge.close();
    database.close();
  }
}
