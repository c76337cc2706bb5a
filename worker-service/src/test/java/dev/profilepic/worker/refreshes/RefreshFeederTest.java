package dev.profilepic.worker.refreshes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import dev.profilepic.worker.FakeBridge;
import dev.profilepic.worker.RunningWorker;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.JdbcTemplate;

/** One lookup a second, five seconds ahead: five leads at a time, unless a test says otherwise. */
class RefreshFeederTest {

  private static final String DUE = "- interval '1 minute'";
  private static final String NOT_DUE = "+ interval '1 minute'";

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void leadsThatAreDueAreAskedForAndOthersAreNot() {
    var due = lead("demo", DUE);
    lead("demo", NOT_DUE);
    lead("another", NOT_DUE);

    assertThat(feed()).isEqualTo(1);

    assertThat(queued("message ->> 'lead_id'")).containsExactly(due);
    assertThat(queued("message ->> 'sync_type'")).containsExactly("refresh");
    assertThat(queued("message ->> 'instance_id'")).containsExactly("demo");
  }

  @Test
  void theLongestOverdueIsFirst() {
    for (int i = 0; i < 10; i++) {
      lead("demo", DUE);
    }
    var oldest = lead("demo", "- interval '1 day'");
    feed();

    assertThat(queued("message ->> 'lead_id'")).hasSize(5).contains(oldest);
  }

  @Test
  void noMoreWaitsThanThePaceWorksOffWhetherAnybodyTakesItOrNot() {
    leads(100, "demo");

    assertThat(feed()).isEqualTo(5);
    assertThat(feed()).isZero();
    claim();
    assertThat(feed()).isZero();

    jdbc.update("DELETE FROM pgmq.q_profile_pic_queue");
    assertThat(feed()).isEqualTo(5);
  }

  @Test
  void whatABulkSyncHasInTheQueueTakesFromTheSameRoom() {
    leads(100, "demo");
    jdbc.update(
        "INSERT INTO profile_pic.syncs (instance_id, kind, total, batch_size) VALUES ('demo', 'list', 4, 10)");
    jdbc.update(
        "INSERT INTO profile_pic.sync_items (sync_id, lead_id, message_id) SELECT s.id, 'lead-' || n, n FROM profile_pic.syncs AS s, generate_series(1, 4) AS n");

    assertThat(feed()).isEqualTo(1);
  }

  @Test
  void aPaceSlowerThanTheLookAheadIsFedOneByOne() {
    leads(10, "demo");
    jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES ('demo', 6)");

    assertThat(feed()).isEqualTo(1);
    assertThat(feed()).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "paused_until = now() + interval '1 s'",
        "quiet_from = (now() AT TIME ZONE 'UTC' - interval '1 hour')::time, quiet_to = (now() AT TIME ZONE 'UTC' + interval '1 hour')::time, quiet_zone = 'UTC'"
      })
  void aNumberThatRestsGetsNoneAndOthersDo(String rests) {
    leads(3, "demo");
    leads(2, "another");
    jdbc.update("INSERT INTO profile_pic.instances (instance_id) VALUES ('demo')");
    jdbc.update("UPDATE profile_pic.instances SET " + rests);

    assertThat(feed()).isEqualTo(2);
    assertThat(queued("DISTINCT message ->> 'instance_id'")).containsExactly("another");
  }

  @Test
  void severalNumbersAreFedInTurn() {
    leads(5, "a");
    leads(5, "b");

    assertThat(feed("demo", 4)).isEqualTo(4);

    assertThat(queued("message ->> 'instance_id'")).containsExactlyInAnyOrder("a", "a", "b", "b");
  }

  @Test
  void twoFeedersAtOnceFeedOnce() throws SQLException {
    leads(100, "demo");
    try (var other = database.dataSource().getConnection()) {
      other.setAutoCommit(false);
      try (var rows =
          other
              .createStatement()
              .executeQuery("SELECT profile_pic.feed_refreshes('demo', 60, '5 s', 100)")) {
        rows.next();
        assertThat(rows.getLong(1)).isEqualTo(5);
      }
      assertThat(feed()).isZero();
      other.commit();
    }

    assertThat(feed()).isZero();
    assertThat(queued("message ->> 'lead_id'")).hasSize(5).doesNotHaveDuplicates();
  }

  @Test
  void aLeadWithARequestPendingIsNotAskedForTwice() {
    var lead = lead("demo", DUE);
    jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484')))",
        lead);

    assertThat(feed()).isZero();
  }

  @Test
  void anErasedLeadIsLeftAlone() {
    lead("demo", DUE);
    jdbc.update("UPDATE profile_pic.pictures SET state = 'ERASED'");

    assertThat(feed()).isZero();
  }

  @Test
  void aFailedLeadThatHasAPhotoIsRefreshedAllTheSame() {
    lead("demo", DUE);
    jdbc.update("UPDATE profile_pic.pictures SET state = 'FAILED', storage_key = 'avatars/aa'");

    assertThat(feed()).isEqualTo(1);
  }

  @Test
  void aTableOfLeadsThatShowsNothingIsNotTakenForACrmThatDeletedAll() {
    leads(10, "demo");
    jdbc.execute("DELETE FROM public.leads");

    assertThat(feed()).isZero();

    assertThat(jdbc.queryForList("SELECT lead_id FROM profile_pic.pictures")).hasSize(10);
  }

  @Test
  void whatWeKnowOfALeadThatTheCrmDeletedIsDeletedToo() {
    var gone = lead("demo", DUE);
    var other = lead("demo", NOT_DUE);
    jdbc.update(
        "INSERT INTO profile_pic.picture_history (lead_id, outcome, state, message_id) SELECT lead_id, 'STORED', 'STORED', 1 FROM profile_pic.pictures");
    jdbc.update("DELETE FROM public.leads WHERE id = ?::uuid", gone);

    assertThat(feed()).isZero();

    assertThat(jdbc.queryForList("SELECT lead_id FROM profile_pic.pictures", String.class))
        .containsExactly(other);
    assertThat(jdbc.queryForList("SELECT lead_id FROM profile_pic.picture_history", String.class))
        .containsExactly(other);
  }

  @Test
  void aLeadThatLostItsPhoneStepsBackForADay() {
    var lead = lead("demo", DUE);
    jdbc.update("UPDATE public.leads SET phone = NULL");

    assertThat(feed()).isZero();

    assertThat(
            jdbc.queryForObject(
                "SELECT next_check_at > now() + interval '23 hours' FROM profile_pic.pictures WHERE lead_id = ?",
                Boolean.class,
                lead))
        .isTrue();
  }

  @Test
  void theCrmsOwnPhoneAndNumberAreAskedAndNotWhatTheyWere() {
    lead("demo", DUE);
    jdbc.update("UPDATE public.leads SET phone = '5511988887777', instance_id = 'moved'");

    feed();

    assertThat(queued("message ->> 'phone'")).containsExactly("5511988887777");
    assertThat(queued("message ->> 'instance_id'")).containsExactly("moved");
  }

  @Test
  void leadsWithoutANumberBelongToTheDefaultOneAndShareItsPace() {
    leads(4, null);
    leads(4, "main");

    assertThat(feed(null, 100)).isEqualTo(4);
    jdbc.update("DELETE FROM pgmq.q_profile_pic_queue");
    assertThat(feed("main", 100)).isEqualTo(4);
    assertThat(feed("main", 100)).isZero();
  }

  @Test
  void leadsThatTheCrmHasMovedToAnotherNumberDoNotFloodIt() {
    leads(100, "demo");
    jdbc.update("UPDATE public.leads SET instance_id = 'moved'");

    assertThat(feed()).isEqualTo(5);
    assertThat(feed()).isZero();
  }

  @Test
  void aNewLeadOvertakesEveryRefresh() {
    leads(1000, "demo");
    feed();
    jdbc.execute("SELECT profile_pic.adopt(60, 1000)");
    var fresh = lead("demo", NOT_DUE);
    jdbc.update("DELETE FROM profile_pic.pictures WHERE lead_id = ?", fresh);
    jdbc.queryForList(
        "SELECT * FROM profile_pic.enqueue(jsonb_build_array(jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484')))",
        fresh);

    assertThat(
            jdbc.queryForList(
                "SELECT lead_id FROM profile_pic.claim(ARRAY['demo'], ARRAY[NULL::timestamptz], ARRAY[1], 1, '1 minute', 'demo', 60) WHERE msg_id IS NOT NULL",
                String.class))
        .containsExactly(fresh);
  }

  @Test
  void aWorkerLooksAgainAtWhatIsDueAndThenAtTheNextDueTime() {
    leads(3, "demo");
    try (var bridge = new FakeBridge();
        var worker =
            RunningWorker.start(
                database,
                bridge,
                "profile-pic.default-instance=demo",
                "spring.datasource.hikari.connection-init-sql=SET ROLE profile_pic_worker",
                "profile-pic.refresh.enabled=true")) {
      await()
          .untilAsserted(() ->
              assertThat(
                      jdbc.queryForObject(
                          "SELECT count(*) FROM profile_pic.pictures WHERE next_check_at > now() + interval '13 days'",
                          Integer.class))
                  .isEqualTo(3));
      assertThat(bridge.asked()).isEqualTo(3);
      assertThat(worker.port()).isPositive();
    }
  }

  @Test
  void aWorkerThatIsToldNotToFeedsNone() {
    leads(3, "demo");
    try (var bridge = new FakeBridge();
        var worker =
            RunningWorker.start(
                database,
                bridge,
                "profile-pic.default-instance=demo",
                "profile-pic.refresh.enabled=false")) {
      worker.bean(RefreshFeeder.class).tick();

      assertThat(queued("message ->> 'lead_id'")).isEmpty();
      assertThat(bridge.asked()).isZero();
    }
  }

  private void leads(int count, @Nullable String instance) {
    for (int i = 0; i < count; i++) {
      lead(instance, DUE);
    }
  }

  private String lead(@Nullable String instance, String nextCheck) {
    var id = UUID.randomUUID().toString();
    jdbc.update(
        "INSERT INTO public.leads (id, phone, instance_id) VALUES (?::uuid, '5562999212484', ?)",
        id,
        instance);
    jdbc.update(
        """
        INSERT INTO profile_pic.pictures (lead_id, phone, instance_id, state, reason, requested_at, checked_at, next_check_at)
        VALUES (?, '5562999212484', ?, 'NOT_SET', 'NOT_SET', now() - interval '15 days', now() - interval '14 days', now() %s)
        """
            .formatted(nextCheck),
        id,
        instance);
    return id;
  }

  private long feed() {
    return feed("demo", 100);
  }

  private long feed(@Nullable String defaultInstance, int most) {
    Long fed =
        jdbc.queryForObject(
            "SELECT profile_pic.feed_refreshes(?, 60, '5 s', ?)",
            Long.class,
            defaultInstance,
            most);
    return fed == null ? 0 : fed;
  }

  private void claim() {
    jdbc.execute(
        "SELECT profile_pic.claim(ARRAY['demo'], ARRAY[NULL::timestamptz], ARRAY[100], 100, '1 minute', 'demo', 60)");
  }

  private List<String> queued(String expression) {
    return jdbc.queryForList(
        "SELECT " + expression + " FROM pgmq.q_profile_pic_queue", String.class);
  }
}
