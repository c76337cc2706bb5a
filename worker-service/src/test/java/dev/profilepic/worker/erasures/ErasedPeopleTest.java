package dev.profilepic.worker.erasures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.contract.ErasedPerson;
import dev.profilepic.contract.ErasureKey;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** The whole worker, for people who asked to be forgotten. */
class ErasedPeopleTest {

  private static final ErasureKey KEY = new ErasureKey(RunningWorker.ERASURE_KEY);
  private static final AtomicInteger PHONES = new AtomicInteger(91_000_000);
  private static final List<String> LOOKED_UP = new CopyOnWriteArrayList<>();
  private static final List<String> FORGOTTEN = new CopyOnWriteArrayList<>();

  private static TestDatabase database;
  private static FakeBridge bridge;
  private static RunningWorker worker;
  private static JdbcTemplate jdbc;
  private static volatile int answer = 204;

  private final String phone = "55629" + PHONES.incrementAndGet();

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    jdbc = new JdbcTemplate(database.sessions());
    bridge = new FakeBridge();
    bridge.allOtherLookups(exchange -> {
      LOOKED_UP.add(exchange.getRequestURI().toString());
      FakeBridge.json(200, "{\"status\":\"not_set\"}").to(exchange);
    });
    bridge.file(
        "/contacts",
        exchange -> {
          if (answer == 204) {
            FORGOTTEN.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getQuery());
          }
          FakeBridge.bytes(answer, "text/plain", new byte[0]).to(exchange);
        });
    worker = RunningWorker.start(database, bridge);
  }

  @AfterAll
  static void stop() {
    worker.close();
    bridge.close();
    database.close();
  }

  @Test
  void aNewRowWithTheirPhoneIsNotLookedUpAndLeavesNothing() {
    bury(phone, null);
    // The phone lacks the ninth digit, as another system may have written it. Plain SQL sends the
    // message.
    var lead = lead(phone.substring(0, 4) + phone.substring(5));
    send(lead, phone, "a");

    await().until(() -> "ERASED".equals(state(lead)));

    assertThat(LOOKED_UP).noneMatch(query -> query.contains(phone.substring(5)));
    assertThat(
            jdbc.queryForObject(
                "SELECT count(*) FROM profile_pic.pictures WHERE lead_id = ? AND phone <> ''",
                Integer.class,
                lead))
        .isZero();
    assertThat(
            jdbc.queryForObject(
                "SELECT count(*) FROM pgmq.q_profile_pic_queue WHERE message ->> 'lead_id' = ?",
                Integer.class,
                lead))
        .isZero();
  }

  @Test
  void othersInTheSameClaimAreLookedUp() {
    bury(phone, null);
    var erased = lead(phone);
    var another = "55629" + PHONES.incrementAndGet();
    var other = lead(another);
    jdbc.update(
        "INSERT INTO pgmq.q_profile_pic_queue (vt, message) SELECT now(), jsonb_build_object('lead_id', l.id, 'phone', l.phone, 'instance_id', 'a') FROM public.leads AS l WHERE l.id::text IN (?, ?)",
        erased,
        other);

    await().until(() -> "NOT_SET".equals(state(other)) && "ERASED".equals(state(erased)));

    assertThat(LOOKED_UP).anyMatch(query -> query.contains(another));
    assertThat(LOOKED_UP).noneMatch(query -> query.contains(phone));
  }

  @Test
  void aTombstoneOfOneInstanceDoesNotBindTheOthers() {
    bury(phone, "a");
    var lead = lead(phone);

    send(lead, phone, "b");

    await().until(() -> "NOT_SET".equals(state(lead)));
  }

  @Test
  void theBridgeIsToldAndTheOutboxEmptied() {
    tell(new ErasedPerson(List.of(phone), List.of("77000000000001"), List.of("a", "b")));

    await().until(() -> waiting() == 0);

    assertThat(FORGOTTEN)
        .contains(
            "DELETE phone=" + phone + "&instance=a&instance=b",
            "DELETE jid=77000000000001@lid&instance=a&instance=b");
  }

  @Test
  void whileTheBridgeIsAwayErasuresAreKeptAndRetried() {
    answer = 503;
    tell(new ErasedPerson(List.of(phone), List.of(), List.of()));
    await().until(() -> attempts() >= 2);
    assertThat(jdbc.queryForObject("SELECT error FROM profile_pic.bridge_erasures", String.class))
        .isEqualTo("the bridge could not be told: it answered 503");

    answer = 204;

    await().until(() -> waiting() == 0);
    assertThat(FORGOTTEN).contains("DELETE phone=" + phone);
  }

  private static void bury(String phone, @Nullable String instance) {
    jdbc.queryForList(
        "SELECT profile_pic.bury(ARRAY[?], CASE WHEN ?::text IS NOT NULL THEN ARRAY[?] END)",
        KEY.digest(new PhoneNumber(phone)),
        instance,
        instance);
  }

  private static String lead(String phone) {
    var id = UUID.randomUUID().toString();
    jdbc.update("INSERT INTO public.leads (id, phone) VALUES (?::uuid, ?)", id, phone);
    return id;
  }

  private static void send(String lead, String phone, String instance) {
    jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', ?::text, 'instance_id', ?::text))",
        lead,
        phone,
        instance);
  }

  private static void tell(ErasedPerson person) {
    jdbc.update(
        "INSERT INTO profile_pic.bridge_erasures (person) VALUES (?)", KEY.seal(person.toJson()));
  }

  private static @Nullable String state(String lead) {
    return jdbc
        .queryForList(
            "SELECT state FROM profile_pic.pictures WHERE lead_id = ?", String.class, lead)
        .stream()
        .findFirst()
        .orElse(null);
  }

  private static int waiting() {
    return count("SELECT count(*) FROM profile_pic.bridge_erasures");
  }

  private static int attempts() {
    return count("SELECT coalesce(max(attempts), 0) FROM profile_pic.bridge_erasures");
  }

  private static int count(String sql) {
    @Nullable Integer count = jdbc.queryForObject(sql, Integer.class);
    return count == null ? 0 : count;
  }
}
