package dev.profilepic.receiver.syncs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.QueueHand;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.EmptyResultDataAccessException;
import tools.jackson.databind.JsonNode;

/** The figures of bulk syncs are updated while their leads change, and never counted. */
class SyncTalliesTest extends ReceiverTest {

  private static final int LEADS = 60;
  private static final int ROUNDS = 12;
  private static final List<String> OUTCOMES =
      List.of("STORED", "NOT_SET", "HIDDEN", "UNCHANGED", "NO_ANSWER");

  private final String instance = "tallies_" + UUID.randomUUID().toString().substring(0, 8);

  @Test
  void askingForThemLooksAtNoLead() {
    var plan =
        jdbc.sql(
                "EXPLAIN SELECT * FROM profile_pic.sync_progress WHERE id < 9223372036854775807 ORDER BY id DESC LIMIT 21")
            .query(String.class)
            .list();

    assertThat(String.join("\n", plan)).contains("syncs").doesNotContain("sync_items");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theyAreExactWhateverHappensAtTheSameTime(long seed) throws Exception {
    var random = new Random(seed);
    var leads = leads();
    long sync = start();

    try (var threads = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < ROUNDS; round++) {
        var work = new ArrayList<Callable<@Nullable Void>>();
        waiting().forEach(lead -> work.add(() -> settle(lead, any(OUTCOMES, random))));
        var erased = any(leads, random);
        work.add(() -> erase(erased));
        work.add(() -> assertThatTheyAddUp(sync));
        work.add(round == 6 && seed == 3 ? () -> cancel(sync) : () -> pauseAndResume(sync));
        work.add(this::replayDeadLetters);
        work.add(this::feed);
        work.add(() -> assertThatTheyAddUp(sync));
        for (var done : threads.invokeAll(work)) {
          done.get();
        }
      }
    }

    var figures = assertThatTheyAddUpTo(sync);
    assertThat(figures.path("outcomes").toString()).isEqualTo(countedOutcomes(sync));
    assertThat(figures.path("in_flight").asLong())
        .isEqualTo(counted(sync, "outcome IS NULL AND message_id IS NOT NULL"));
    assertThat(figures.path("done").asLong()).isEqualTo(counted(sync, "outcome IS NOT NULL"));
    assertThat(tallies(sync)).as("rows that make them up").isLessThan(200);
  }

  @Test
  void anErasedLeadOfACancelledSyncIsNotInFlightForEver() {
    var lead = newLead("5562980000001", instance);
    long sync = start();
    feed();
    http.post("/syncs/" + sync + "/cancel", "");

    http.delete("/leads/" + lead + "/profile-pic");

    var figures = http.get("/syncs/" + sync).json();
    assertThat(figures.path("in_flight").asLong()).isZero();
    assertThat(figures.at("/outcomes/ERASED").asLong()).isEqualTo(1);
  }

  @Test
  void manyTalliesAreMergedIntoOnePerFigure() {
    newLead("5562980000001", instance);
    long sync = start();
    jdbc.sql(
            "INSERT INTO profile_pic.sync_tallies (sync_id, bucket, n) SELECT ?, 'NOT_SET', 1 FROM generate_series(1, 60)")
        .param(sync)
        .update();

    feed();

    assertThat(tallies(sync)).isLessThan(10);
    var figures = assertThatTheyAddUpTo(sync);
    assertThat(figures.at("/outcomes/NOT_SET").asLong()).isEqualTo(60);
    assertThat(figures.path("in_flight").asLong()).isEqualTo(1);
  }

  @Test
  void whatIsForgottenLeavesNothingBehind() {
    newLead("5562980000001", instance);
    long sync = start();
    feed();

    jdbc.sql("DELETE FROM profile_pic.syncs WHERE id = ?").param(sync).update();

    assertThat(
            jdbc.sql("SELECT coalesce(sum(n), 0) FROM profile_pic.sync_tallies WHERE sync_id = ?")
                .param(sync)
                .query(Long.class)
                .single())
        .isZero();
  }

  private List<String> leads() {
    var leads = new ArrayList<String>();
    for (int i = 0; i < LEADS; i++) {
      leads.add(newLead("55629" + (80_000_000 + i), instance));
    }
    return leads;
  }

  private long start() {
    var answer = http.post("/instance/" + instance + "/sync-profile-pics-bulk", "{}");
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    return answer.json().path("sync_id").asLong();
  }

  /** Asserts that the figures of the parts add up to the total. */
  private @Nullable Void assertThatTheyAddUp(long sync) {
    assertThatTheyAddUpTo(sync);
    return null;
  }

  private JsonNode assertThatTheyAddUpTo(long sync) {
    var figures = http.get("/syncs/" + sync).json();
    assertThat(
            figures.path("done").asLong()
                + figures.path("in_flight").asLong()
                + figures.path("waiting").asLong())
        .isEqualTo(figures.path("total").asLong());
    return figures;
  }

  private @Nullable Void feed() {
    jdbc.sql("SELECT profile_pic.feed_syncs(600, interval '1 s')").query(Long.class).single();
    return null;
  }

  /** Leads of this test that have a message in the queue. */
  private List<String> waiting() {
    return jdbc.sql(
            "SELECT DISTINCT message ->> 'lead_id' FROM pgmq.q_profile_pic_queue WHERE message ->> 'instance_id' = ?")
        .param(instance)
        .query(String.class)
        .list();
  }

  private @Nullable Void settle(String lead, String outcome) {
    try {
      new QueueHand(jdbc).settle(lead, outcome);
    } catch (EmptyResultDataAccessException erased) {
      assertThat(messagesFor(lead)).as("erased meanwhile").isEmpty();
    }
    return null;
  }

  /** Erases a lead. A deadlock or a locked row gives 503, and then nothing was erased. */
  private @Nullable Void erase(String lead) {
    assertThat(http.delete("/leads/" + lead + "/profile-pic").status()).isIn(204, 503);
    return null;
  }

  private static <T> T any(List<T> list, Random random) {
    synchronized (random) {
      return list.get(random.nextInt(list.size()));
    }
  }

  private @Nullable Void cancel(long sync) {
    http.post("/syncs/" + sync + "/cancel", "");
    return null;
  }

  private @Nullable Void pauseAndResume(long sync) {
    http.post("/syncs/" + sync + "/pause", "");
    http.post("/syncs/" + sync + "/resume", "");
    return null;
  }

  private @Nullable Void replayDeadLetters() {
    http.post("/dead-letters/replay", "{\"all\": true}");
    return null;
  }

  private String countedOutcomes(long sync) {
    return jdbc.sql(
            """
            SELECT coalesce(jsonb_object_agg(o.outcome, o.n), '{}')::text FROM (
              SELECT outcome, count(*) AS n FROM profile_pic.sync_items WHERE sync_id = ? AND outcome IS NOT NULL GROUP BY 1) AS o
            """)
        .param(sync)
        .query(String.class)
        .single()
        .replace(" ", "");
  }

  private long counted(long sync, String condition) {
    return jdbc.sql(
            "SELECT count(*) FROM profile_pic.sync_items WHERE sync_id = ? AND " + condition)
        .param(sync)
        .query(Long.class)
        .single();
  }

  private long tallies(long sync) {
    return jdbc.sql("SELECT count(*) FROM profile_pic.sync_tallies WHERE sync_id = ?")
        .param(sync)
        .query(Long.class)
        .single();
  }
}
