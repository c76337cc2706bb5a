package dev.profilepic.worker.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.Pictures;
import dev.profilepic.worker.RunningWorker;
import java.awt.Color;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * Twenty thousand messages that strangers put straight into the queue's table, through the whole
 * worker. The regular messages in the same batches pass. Every message comes to an end, and no
 * message skips a rule.
 */
class StrangersMessagesTest {

  private static final int BATCHES = 10;
  private static final int PER_BATCH = 2_000;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The requests to the bridge, and to a server that is closed to downloads. */
  private static final Set<String> ASKED = ConcurrentHashMap.newKeySet();

  private static final Set<String> TRAPPED = ConcurrentHashMap.newKeySet();

  private static TestDatabase database;
  private static FakeBridge bridge;
  private static FakeBridge trap;
  private static RunningWorker worker;
  private static JdbcTemplate jdbc;

  private final Random random = new Random(20_261_126);
  private final List<String> hostileLeads =
      Stream.generate(() -> lead("5562998" + (100_000 + random.nextInt(900_000))))
          .limit(50)
          .toList();

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    jdbc = new JdbcTemplate(database.sessions());
    trap = new FakeBridge();
    trap.file("/trap.jpg", exchange -> TRAPPED.add(exchange.getRequestURI().toString()));
    bridge = new FakeBridge();
    bridge.file("/red.jpg", FakeBridge.bytes(200, "image/jpeg", Pictures.jpeg(Color.RED)));
    bridge.allOtherLookups(exchange -> {
      // A request without a query is the search for open instances.
      if (exchange.getRequestURI().getQuery() != null) {
        ASKED.add(exchange.getRequestURI().toString());
      }
      bridge.found("/red.jpg", "1").to(exchange);
    });
    // Messages without an instance get this default instance.
    worker = RunningWorker.start(database, bridge, "profile-pic.default-instance=i1");
  }

  @AfterAll
  static void stop() {
    worker.close();
    bridge.close();
    trap.close();
    database.close();
  }

  @Test
  void everyBatchMatePassesAndNoStrangersMessageSkipsARule() {
    var good = new ArrayList<String>();
    for (int batch = 0; batch < BATCHES; batch++) {
      var phones = IntStream.range(0, 5).mapToObj(i -> "5511987" + (100_000 + good.size() * 7 + i));
      var batchMates = phones.map(StrangersMessagesTest::lead).toList();
      good.addAll(batchMates);
      put(batchMates);
    }

    await()
        .atMost(Duration.ofMinutes(5))
        .until(() -> count("SELECT count(*) FROM pgmq.q_profile_pic_queue") == 0);

    assertThat(states(good)).containsOnly("STORED");
    assertThat(count("SELECT count(*) FROM profile_pic.waiting")).isZero();
    // Only safe instances and whole phones reach the bridge, and no download goes elsewhere.
    assertThat(ASKED)
        .isNotEmpty()
        .allMatch(uri ->
            uri.matches(
                "/instances/[A-Za-z0-9_.-]{1,64}/profile-picture\\?phone=[1-9][0-9]{7,14}&type=image(&known_id=1)?"));
    assertThat(TRAPPED).isEmpty();
    assertThat(
            jdbc.queryForList(
                "SELECT instance_id FROM profile_pic.instances WHERE instance_id !~ '^[A-Za-z0-9_.-]{1,64}$'"))
        .isEmpty();
    // No time in the future shuts out later messages, and no header fakes attempts.
    assertThat(
            count(
                "SELECT count(*) FROM profile_pic.pictures WHERE requested_at > now() OR attempts > 0"))
        .isZero();
    assertThat(deadLetterReasons())
        .contains("INVALID_MESSAGE", "UNSAFE_URL")
        // Superseded: a newer message of the lead was settled meanwhile.
        .isSubsetOf("INVALID_MESSAGE", "UNSAFE_URL", "SUPERSEDED");
    // A lead whose messages were garbage is served as usual at its next event.
    var later = hostileLeads.getFirst();
    jdbc.update("DELETE FROM profile_pic.picture_history");
    send(later);
    await().until(() -> served(later));
  }

  /** Puts a batch into the queue's table, with the batch-mates between the other messages. */
  private void put(List<String> batchMates) {
    var bodies = new ArrayList<@Nullable String>();
    var headers = new ArrayList<@Nullable String>();
    for (int i = 0; i < PER_BATCH; i++) {
      if (i % (PER_BATCH / batchMates.size()) == PER_BATCH / 10) {
        var mate = batchMates.get(i / (PER_BATCH / batchMates.size()));
        bodies.add(
            "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"instance_id\": \"i1\"}"
                .formatted(mate));
        headers.add(null);
      }
      bodies.add(body());
      headers.add(random.nextInt(4) == 0 ? json(value(2)) : headers());
    }
    jdbc.update(connection -> {
      var insert =
          connection.prepareStatement(
              "INSERT INTO pgmq.q_profile_pic_queue (vt, read_ct, message, headers) "
                  + "SELECT now(), coalesce(abs(hashtext(m)) % 3, 0), m::jsonb, h::jsonb FROM unnest(?::text[], ?::text[]) AS u (m, h)");
      insert.setArray(1, connection.createArrayOf("text", bodies.toArray()));
      insert.setArray(2, connection.createArrayOf("text", headers.toArray()));
      return insert;
    });
  }

  private @Nullable String body() {
    return switch (random.nextInt(40)) {
      case 0 -> null;
      case 1 -> json(value(3));
      case 2 ->
          "{\"lead_id\": \"%s\", \"x\": \"%s\"}".formatted(oneOf(hostileLeads), "y".repeat(70_000));
      default -> {
        var fields = new ArrayList<String>();
        field(fields, "lead_id", json(oneOf(hostileLeads)));
        field(fields, "phone", json("55629" + (90_000_000 + random.nextInt(9_999_999))));
        field(fields, "instance_id", json("i" + random.nextInt(30)));
        field(fields, "profile_pic_url", json(bridge.url() + "/red.jpg"));
        field(fields, "timestamp", "\"2026-11-22T12:00:00Z\"");
        field(fields, "sync_type", json(oneOf(List.of("webhook", "bulk", "manual", "new_lead"))));
        field(fields, "force_update", "true");
        field(fields, "priority", "\"high\"");
        field(fields, "retry_count", "0");
        yield "{" + String.join(",", fields) + "}";
      }
    };
  }

  /** Adds a field with its usual value, adds it with a wrong value, or leaves it out. */
  private void field(List<String> fields, String name, String usual) {
    int chance = random.nextInt(10);
    if (chance < 6) {
      fields.add(json(name) + ":" + usual);
    } else if (chance < 9) {
      fields.add(json(name) + ":" + json(value(1)));
    }
  }

  private String headers() {
    return "{\"traceparent\": %s, \"attempts\": %s, \"returned\": %s, \"lookup\": %s}"
        .formatted(json(value(1)), json(value(0)), json(value(0)), json(value(0)));
  }

  private Object value(int depth) {
    int kinds = depth > 0 ? 16 : 14;
    return switch (random.nextInt(kinds)) {
      case 0 -> true;
      case 1 -> random.nextLong();
      case 2 -> -1;
      case 3 -> 1e300;
      case 4 -> "";
      case 5 -> "9".repeat(1 + random.nextInt(300));
      case 6 -> "i".repeat(20_000);
      case 7 -> "../../instances/demo?x=";
      case 8 -> "' OR 1=1 --";
      case 9 -> trap.url() + "/trap.jpg";
      case 10 -> "https://169.254.169.254/latest/meta-data";
      case 11 -> "file:///etc/passwd";
      case 12 -> "9999-12-31T23:59:59Z";
      case 13 -> "é\uD83D\uDE00\u202E\t\n";
      case 14 -> IntStream.range(0, random.nextInt(4)).mapToObj(i -> value(depth - 1)).toList();
      default -> java.util.Map.of("lead_id", value(depth - 1), "k", value(depth - 1));
    };
  }

  private <T> T oneOf(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  private static String json(Object value) {
    return JSON.writeValueAsString(value);
  }

  private static String lead(String phone) {
    var id = UUID.randomUUID().toString();
    jdbc.update("INSERT INTO public.leads (id, phone) VALUES (?::uuid, ?)", id, phone);
    return id;
  }

  private static void send(String lead) {
    jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', '5562998100000', 'instance_id', 'i1', 'force_update', true)))",
        lead);
  }

  private static boolean served(String lead) {
    return count(
            "SELECT count(*) FROM profile_pic.requests WHERE lead_id = ? AND message_id IS NULL AND served_at IS NOT NULL",
            lead)
        == 1;
  }

  private static List<String> states(List<String> leads) {
    return jdbc.queryForList(
        "SELECT coalesce(p.state, 'none') FROM unnest(?) AS l (id) LEFT JOIN profile_pic.pictures AS p ON p.lead_id = l.id",
        String.class,
        (Object) leads.toArray(String[]::new));
  }

  private static Set<String> deadLetterReasons() {
    return Set.copyOf(
        jdbc.queryForList(
            "SELECT DISTINCT message -> 'error' ->> 'reason' FROM pgmq.q_profile_pic_dlq",
            String.class));
  }

  private static int count(String sql, Object... arguments) {
    @Nullable Integer count = jdbc.queryForObject(sql, Integer.class, arguments);
    return count == null ? 0 : count;
  }
}
