package dev.profilepic.worker.lids;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.contract.ErasureKey;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** The worker asks an instance's source about people who are known only by their LID. */
class UnknownLidsTest {

  private static final AtomicInteger PEOPLE = new AtomicInteger(10_000_000);
  private static final ErasureKey KEY = new ErasureKey(RunningWorker.ERASURE_KEY);

  /** The people that the bridge has seen, by LID. */
  private static final Map<String, String> SEEN = new ConcurrentHashMap<>();

  private static final List<String> ASKED = new CopyOnWriteArrayList<>();

  private static TestDatabase database;
  private static FakeBridge bridge;
  private static RunningWorker worker;
  private static JdbcTemplate jdbc;
  private static volatile int status = 200;

  private final String lid = "9876543" + PEOPLE.incrementAndGet();
  private final String phone = "55629" + (80_000_000 + PEOPLE.incrementAndGet());

  @BeforeAll
  static void start() {
    database = TestDatabase.migrated();
    jdbc = new JdbcTemplate(database.sessions());
    bridge = new FakeBridge();
    bridge.allOtherLookups(exchange -> {
      var path = exchange.getRequestURI().getPath();
      ASKED.add(path);
      var lid = path.substring(path.lastIndexOf('/') + 1);
      FakeBridge.json(
              status,
              SEEN.containsKey(lid)
                  ? "{\"status\":\"known\",\"jid\":\"%s@s.whatsapp.net\"}".formatted(SEEN.get(lid))
                  : "{\"status\":\"unknown\",\"jid\":null}")
          .to(exchange);
    });
    worker =
        RunningWorker.start(
            database,
            bridge,
            "profile-pic.lids.enabled=false",
            "profile-pic.sources.instances[f].kind=fazer",
            "profile-pic.sources.instances[f].url=" + bridge.url());
  }

  @AfterAll
  static void stop() {
    worker.close();
    bridge.close();
    database.close();
  }

  @BeforeEach
  void reset() {
    jdbc.update("DELETE FROM profile_pic.unmatched_events");
    jdbc.update("DELETE FROM profile_pic.chores WHERE chore = 'unknown_lids'");
    ASKED.clear();
    status = 200;
  }

  @Test
  void aNumberThatTheSourceKnowsIsLearnedAndWhatWasKeptCanBeServed() throws Exception {
    keep("a", lid);
    SEEN.put(lid, phone);

    assertThat(ask()).isEqualTo(1);

    assertThat(ASKED).containsExactly("/instances/a/lids/" + lid);
    assertThat(
            jdbc.queryForMap(
                "SELECT instance_id, phone, source FROM profile_pic.lids WHERE lid = ?", lid))
        .isEqualTo(Map.of("instance_id", "a", "phone", phone, "source", "asked"));
    assertThat(event("a", "known")).isEqualTo(true);
    assertThat(ask()).as("and nobody asks again").isZero();
  }

  @Test
  void oneThatTheSourceDoesNotKnowIsAskedForAgainAfterAPauseAndNotForEver() throws Exception {
    keep("a", lid);

    ask();
    assertThat(ask()).as("not at once").isZero();
    assertThat(event("a", "ask_at BETWEEN now() + '9 minutes' AND now() + '10 minutes'"))
        .isEqualTo(true);
    becomeDue();
    ask();
    assertThat(event("a", "ask_at BETWEEN now() + '59 minutes' AND now() + '60 minutes'"))
        .isEqualTo(true);
    for (int more = 0; more < 3; more++) {
      assertThat(event("a", "ask_at")).isNotNull();
      becomeDue();
      ask();
    }

    assertThat(event("a", "ask_at")).isNull();
    assertThat(event("a", "tries")).isEqualTo(5);
    assertThat(ASKED).hasSize(5);
  }

  @Test
  void whileTheSourceIsDownNoTryCounts() throws Exception {
    keep("a", lid);
    status = 503;

    ask();

    assertThat(event("a", "tries")).isEqualTo(0);
    assertThat(event("a", "ask_at BETWEEN now() + '4 minutes' AND now() + '5 minutes'"))
        .isEqualTo(true);
  }

  @Test
  void anInstanceThatRestsIsNotAsked() throws Exception {
    keep("rests", lid);
    jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, paused_until, pause_reason) VALUES ('rests', now() + interval '1 hour', 'THROTTLED')");

    ask();

    assertThat(ASKED).isEmpty();
    assertThat(event("rests", "tries")).isEqualTo(0);
    assertThat(event("rests", "ask_at > now() + '59 minutes'")).isEqualTo(true);
  }

  @Test
  void aQuestionSpendsATokenOfItsInstance() throws Exception {
    jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES ('slow', 1)");
    keep("slow", lid);
    ask();
    assertThat(ASKED).hasSize(1);

    keep("slow", lid + "1");
    ask();

    assertThat(ASKED).as("there was one token").hasSize(1);
  }

  @Test
  void aSourceThatCannotTellIsNotAskedAndSpendsNothing() throws Exception {
    keep("f", lid);

    ask();

    assertThat(ASKED).isEmpty();
    assertThat(
            jdbc.queryForObject(
                "SELECT count(*) FROM profile_pic.pace_states WHERE instance_id = 'f'",
                Integer.class))
        .isZero();
    assertThat(event("f", "ask_at > now() + '23 hours'")).isEqualTo(true);
  }

  @Test
  void nobodysManyDelayAnothersFew() throws Exception {
    for (int i = 0; i < 100; i++) {
      keep("flood", lid + i);
    }
    keep("quiet", lid);

    assertThat(ask()).isEqualTo(2);
    assertThat(ASKED).contains("/instances/quiet/lids/" + lid);
  }

  @Test
  void ofTwoReplicasOneAsks() {
    keep("a", lid);
    var taken = new AtomicInteger();

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        threads.execute(() -> taken.addAndGet(take(Duration.ZERO)));
      }
    }

    assertThat(taken).hasValue(1);
  }

  @Test
  void somebodyWhoAskedToBeForgottenIsNotLearned() throws Exception {
    jdbc.query(
        "SELECT profile_pic.bury(ARRAY[?], ARRAY['a'])",
        row -> {},
        KEY.digest(new PhoneNumber(phone)));
    SEEN.put(lid, phone);
    keep("a", lid);

    ask();

    assertThat(jdbc.queryForList("SELECT 1 FROM profile_pic.lids WHERE lid = ?", lid)).isEmpty();
    assertThat(jdbc.queryForList("SELECT 1 FROM profile_pic.unmatched_events")).isEmpty();
  }

  @Test
  void aLookupForALeadTeachesItToo() {
    keep("a", lid);
    bridge.lookup(
        phone,
        FakeBridge.json(
            200,
            "{\"status\":\"not_set\",\"jid\":\"%s@s.whatsapp.net\",\"lid\":\"%s@lid\"}"
                .formatted(phone, lid)));
    jdbc.queryForList(
        "WITH l AS (INSERT INTO public.leads (phone, instance_id) VALUES (?, 'a') RETURNING id) SELECT profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', l.id, 'phone', ?::text))) FROM l",
        phone,
        phone);

    await().until(() -> Boolean.TRUE.equals(event("a", "known")));

    assertThat(
            jdbc.queryForObject(
                "SELECT phone FROM profile_pic.lids WHERE instance_id = 'a' AND lid = ?",
                String.class,
                lid))
        .isEqualTo(phone);
  }

  @Test
  void allReplicasTogetherAskAnInstanceOnceInAWhile() {
    keep("a", lid);
    keep("a", lid + "1");

    assertThat(take(Duration.ofMinutes(1))).isEqualTo(1);
    assertThat(take(Duration.ofMinutes(1))).isZero();
    jdbc.update("UPDATE profile_pic.chores SET done_at = now() - interval '61 s'");
    assertThat(take(Duration.ofMinutes(1))).isEqualTo(1);
  }

  private static int take(Duration every) {
    return worker.bean(LidSql.class).take(1, 32, every).size();
  }

  /** Asks regardless of the time of the last question. */
  private static int ask() throws InterruptedException {
    jdbc.update("DELETE FROM profile_pic.chores WHERE chore = 'unknown_lids'");
    return worker.bean(UnknownLids.class).askOnce();
  }

  /** Keeps an event of a person, as the receiver does. */
  private static void keep(String instance, String lid) {
    jdbc.query(
        "SELECT profile_pic.keep_unmatched(ARRAY[?], ARRAY[?], ARRAY[false], ARRAY[NULL]::text[], ARRAY[now()])",
        row -> {},
        instance,
        lid);
  }

  private static void becomeDue() {
    jdbc.update("UPDATE profile_pic.unmatched_events SET ask_at = now() WHERE ask_at IS NOT NULL");
  }

  private static @Nullable Object event(String instance, String what) {
    return jdbc.queryForObject(
        "SELECT " + what + " FROM profile_pic.unmatched_events WHERE instance_id = ?",
        Object.class,
        instance);
  }
}
