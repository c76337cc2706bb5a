package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

class EngineTest {

  private static final Duration NEVER = Duration.ofSeconds(50);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final List<String> died = new CopyOnWriteArrayList<>();
  private QueueFixture fixture;
  private @Nullable QueueEngine engine;

  @BeforeEach
  void migrate() {
    fixture = new QueueFixture();
  }

  @AfterEach
  void stop() {
    if (engine != null && engine.isRunning()) {
      engine.stop();
    }
    fixture.close();
  }

  @Test
  void aNotificationWakesAWorkerThatWouldNotPollForLong() {
    start(new TestQueueProperties().pollInterval(NEVER).listen().build(), immediately());
    await().until(() -> listeners() == 1);

    fixture.enqueue(fixture.lead());

    await().until(() -> fixture.queued() == 0);
  }

  @Test
  void aListenerThatWasCutOffListensAgain() {
    start(new TestQueueProperties().pollInterval(NEVER).listen().build(), immediately());
    await().until(() -> listeners() == 1);

    fixture.jdbc.queryForList(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener'");
    await().until(() -> listeners() == 1);
    fixture.enqueue(fixture.lead());

    await().until(() -> fixture.queued() == 0);
  }

  @Test
  void pollingAloneWorksWhereNobodyMayListen() {
    start(new TestQueueProperties().build(), immediately());

    fixture.enqueue(fixture.lead());

    await().until(() -> fixture.queued() == 0);
    assertThat(listeners()).isZero();
  }

  @Test
  void aMessageThatWaitsForItsTimeIsTakenWhenItComes() {
    start(new TestQueueProperties().pollInterval(NEVER).build(), immediately());
    fixture.jdbc.queryForList(
        "SELECT pgmq.send('profile_pic_queue', jsonb_build_object('lead_id', ?::text, 'phone', '5562999212484'), 1)",
        fixture.lead());
    // The engine learns of it at its next look; from then on it sleeps exactly until it is due.
    var current = requireEngine();
    current.wake();

    await().until(() -> fixture.queued() == 0);
  }

  @Test
  void noMoreMessagesRunAtOnceThanThereArePlaces() {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    var release = new CountDownLatch(1);
    start(
        new TestQueueProperties().concurrency(3).build(),
        handler(delivery -> {
          most.accumulateAndGet(running.incrementAndGet(), Math::max);
          release.await();
          running.decrementAndGet();
          return Results.complete(delivery, "NOT_SET");
        }));
    for (int i = 0; i < 10; i++) {
      fixture.enqueue(fixture.lead());
    }

    await().until(() -> running.get() == 3);
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE read_ct > 0"))
        .as("leased, no more than run")
        .isEqualTo(3);
    release.countDown();

    await().until(() -> fixture.queued() == 0);
    assertThat(most).hasValue(3);
  }

  @Test
  void stoppingLetsRunningWorkFinish() {
    var started = new CountDownLatch(1);
    var finish = new CountDownLatch(1);
    start(
        new TestQueueProperties().build(),
        handler(delivery -> {
          started.countDown();
          finish.await();
          return Results.complete(delivery, "NOT_SET");
        }));
    fixture.enqueue(fixture.lead());
    await().until(() -> started.getCount() == 0);

    var stopping = Thread.ofVirtual().start(requireEngine()::stop);
    fixture.enqueue(fixture.lead());
    finish.countDown();

    await().until(() -> !stopping.isAlive());
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE read_ct = 0"))
        .as("claimed no more")
        .isEqualTo(1);
    assertThat(fixture.queued()).isEqualTo(1);
  }

  @Test
  void whatDoesNotFinishInTimeIsGivenBackAtOnceAndUncounted() {
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    start(
        new TestQueueProperties().drainTimeout(Duration.ofMillis(300)).build(),
        handler(delivery -> {
          started.countDown();
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.countDown();
          }
          throw new AssertionError("nobody counts this latch down");
        }));
    long message = fixture.enqueue(fixture.lead());
    await().until(() -> started.getCount() == 0);

    requireEngine().stop();

    await().until(() -> interrupted.getCount() == 0);
    var again = fixture.claimOne();
    assertThat(again.lease().messageId()).isEqualTo(message);
    assertThat(again.attempts()).isZero();
    assertThat(again.deliveries()).isEqualTo(1);
  }

  @Test
  void workWhoseLeaseWasTakenOverIsInterruptedAndNotSettled() {
    var started = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    start(
        new TestQueueProperties()
            .lease(Duration.ofSeconds(3))
            .pollInterval(NEVER)
            .drainTimeout(Duration.ofSeconds(1))
            .build(),
        handler(delivery -> {
          started.countDown();
          try {
            new CountDownLatch(1).await();
          } finally {
            interrupted.countDown();
          }
          throw new AssertionError("nobody counts this latch down");
        }));
    long message = fixture.enqueue(fixture.lead());
    requireEngine().wake();
    await().until(() -> started.getCount() == 0);

    fixture.expireLease(message);
    fixture.claimOne();

    await().until(() -> interrupted.getCount() == 0);
    await().until(() -> meters.get("profilepic.lease.lost").counter().count() == 1);
  }

  @Test
  void runningWorkKeepsItsLeaseForAsLongAsItTakes() {
    var finish = new CountDownLatch(1);
    start(
        new TestQueueProperties()
            .lease(Duration.ofSeconds(3))
            .drainTimeout(Duration.ofSeconds(1))
            .build(),
        handler(delivery -> {
          finish.await();
          return Results.complete(delivery, "NOT_SET");
        }));
    fixture.enqueue(fixture.lead());
    await().until(() -> fixture.count("pgmq.q_profile_pic_queue WHERE read_ct = 1") == 1);
    var leasedUntil =
        fixture.one(java.time.OffsetDateTime.class, "SELECT vt FROM pgmq.q_profile_pic_queue");

    await()
        .until(() ->
            fixture
                .one(java.time.OffsetDateTime.class, "SELECT vt FROM pgmq.q_profile_pic_queue")
                .isAfter(leasedUntil));
    finish.countDown();

    await().until(() -> fixture.queued() == 0);
  }

  @Test
  void aHandlerThatThrowsTouchesNothingAndTheOthersGoOn() {
    var bad = fixture.lead();
    var seen = new CopyOnWriteArrayList<Long>();
    start(
        new TestQueueProperties().build(),
        handler(delivery -> {
          if (delivery.lead() != null && delivery.lead().id().equals(bad)) {
            seen.add(delivery.lease().messageId());
            throw new IllegalStateException("a bug");
          }
          return Results.complete(delivery, "NOT_SET");
        }));
    long message = fixture.enqueue(bad);
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(fixture.lead());
    }

    await().until(() -> fixture.queued() == 1 && !seen.isEmpty());
    assertThat(seen).containsExactly(message);
    assertThat(fixture.count("pgmq.q_profile_pic_queue WHERE read_ct = 1 AND vt > now()"))
        .isEqualTo(1);
  }

  @Test
  void resultsWhoseStateSomebodyHoldsStallNobody() throws Exception {
    var leads = new java.util.ArrayList<String>();
    for (int i = 0; i < 64; i++) {
      leads.add(fixture.lead());
      fixture.enqueue(leads.getLast());
    }
    try (var operator = java.sql.DriverManager.getConnection(fixture.jdbcUrl())) {
      operator.setAutoCommit(false);
      operator
          .createStatement()
          .execute(
              "SELECT FROM profile_pic.pictures WHERE lead_id IN ('%s') FOR UPDATE"
                  .formatted(String.join("', '", leads.subList(0, 24))));
      start(
          new TestQueueProperties().concurrency(64).build(),
          handler(delivery -> Results.complete(delivery, "NOT_SET")));

      await().atMost(NEVER).until(() -> fixture.queued() == 24);
      operator.rollback();
    }
    await().atMost(NEVER).until(() -> fixture.queued() == 0);
  }

  @Test
  void leadRowsThatTheCrmHoldsLockedStallNobodyAndAreWrittenWhenTheyAreFree() throws Exception {
    var locked = new java.util.ArrayList<String>();
    for (int i = 0; i < 20; i++) {
      locked.add(fixture.lead());
    }
    start(
        new TestQueueProperties().concurrency(8).build(),
        handler(delivery -> Results.stored(delivery, "aa", new byte[] {1})));
    try (var connection = java.sql.DriverManager.getConnection(fixture.jdbcUrl())) {
      connection.setAutoCommit(false);
      try (var statement = connection.createStatement()) {
        statement.execute("UPDATE public.leads SET name = 'held'");
      }
      locked.forEach(fixture::enqueue);
      var others = new java.util.ArrayList<String>();
      for (int i = 0; i < 20; i++) {
        others.add(fixture.lead());
        fixture.enqueue(others.getLast());
      }

      await().until(() -> fixture.queued() == 0);
      await().until(() -> fixture.count("public.leads WHERE profile_pic_url IS NOT NULL") == 20);
      assertThat(others)
          .allSatisfy(lead -> assertThat(fixture.leadRow(lead).get("profile_pic_url")).isNotNull());
      assertThat(fixture.picture(locked.getFirst())).containsEntry("state", "STORED");
      connection.rollback();
    }

    await().until(() -> fixture.count("public.leads WHERE profile_pic_url IS NOT NULL") == 40);
    await().until(() -> fixture.count("profile_pic.lead_writes") == 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE public.leads SET phone = '5562988887777' WHERE name = 'held'",
        "DELETE FROM public.leads WHERE name = 'held'"
      })
  void leadsThatTheCrmChangesInATransactionWhichStaysOpenStallNobody(String statement)
      throws Exception {
    fixture.close();
    fixture = QueueFixture.withTriggers();
    var leads = IntStream.range(0, 40).mapToObj(n -> fixture.lead()).toList();
    fixture.claim(100).forEach(each -> fixture.settle(Results.stored(each, "aa", new byte[] {1})));
    fixture.jdbc.update(
        "UPDATE public.leads SET name = 'held' WHERE id IN (SELECT id FROM public.leads LIMIT 20)");
    leads.forEach(fixture::enqueueAgain);
    var running = new CountDownLatch(40);
    var changed = new CountDownLatch(1);
    start(
        new TestQueueProperties().concurrency(40).build(),
        handler(delivery -> {
          running.countDown();
          changed.await();
          return Results.stored(delivery, "bb", new byte[] {2});
        }));
    running.await();

    try (var crm = DriverManager.getConnection(fixture.jdbcUrl());
        var change = crm.createStatement()) {
      crm.setAutoCommit(false);
      change.execute(statement);
      changed.countDown();

      await().until(() -> fixture.queued() == 0);
      await().until(() -> fixture.count("public.leads WHERE profile_pic_url LIKE '%v=bb'") == 20);
      crm.rollback();
    }

    await().until(() -> fixture.count("public.leads WHERE profile_pic_url LIKE '%v=bb'") == 40);
    await().until(() -> fixture.count("profile_pic.lead_writes") == 0);
  }

  @Test
  void aResultThatTheDatabaseRefusesIsADeadLetterThatSaysSoAndTheOthersAreSettled() {
    var bad = fixture.lead();
    start(
        new TestQueueProperties().build(),
        handler(delivery ->
            delivery.lead() != null && delivery.lead().id().equals(bad)
                // NUL is no character of a text in PostgreSQL.
                ? Results.dead(delivery, "BAD\0IMAGE")
                : Results.complete(delivery, "NOT_SET")));
    fixture.enqueue(bad);
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(fixture.lead());
    }

    await().until(() -> fixture.queued() == 0);
    assertThat(
            fixture.count(
                "pgmq.q_profile_pic_dlq WHERE message -> 'error' ->> 'reason' = 'SETTLE_REFUSED' AND message -> 'error' ->> 'detail' LIKE 'SQLSTATE 22%'"))
        .isEqualTo(1);
  }

  @Test
  void aResultWhoseSettleIsCancelledHoldsUpNoOther() {
    var slow = fixture.lead();
    // SQLSTATE 57014, which is in the class of a server that shuts down.
    fixture.jdbc.execute(
        """
        CREATE FUNCTION cancel() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = 'query_canceled'; END $$;
        CREATE TRIGGER cancel BEFORE UPDATE ON profile_pic.pictures FOR EACH ROW WHEN (NEW.lead_id = '%s') EXECUTE FUNCTION cancel()
        """
            .formatted(slow));
    var running = new CountDownLatch(6);
    fixture.enqueue(slow);
    for (int i = 0; i < 5; i++) {
      fixture.enqueue(fixture.lead());
    }

    start(
        new TestQueueProperties().concurrency(6).build(),
        handler(delivery -> {
          running.countDown();
          running.await();
          return Results.complete(delivery, "NOT_SET");
        }));
    await().until(() -> fixture.queued() == 1);

    fixture.jdbc.execute("DROP TRIGGER cancel ON profile_pic.pictures");
    await().until(() -> fixture.queued() == 0);
    assertThat(fixture.picture(slow)).containsEntry("state", "NOT_SET");
  }

  @Test
  void aLookupThatDidNotBeginInTimeIsGivenBackUncounted() {
    var late = new AtomicInteger();
    var lead = fixture.lead();
    fixture.enqueue(lead);
    start(
        // Found by the first look at all lines; nobody looks again before the test has failed.
        new TestQueueProperties().pollInterval(NEVER).build(),
        handler(delivery -> {
          if (late.getAndIncrement() > 0) {
            return Results.complete(delivery, "NOT_SET");
          }
          return new Settlement(delivery, new Disposition.GiveBack(), "LATE", null, 0, null);
        }));

    await().until(() -> fixture.queued() == 0);
    assertThat(late).hasValue(2);
    assertThat(fixture.picture(lead)).containsEntry("attempts", 0);
  }

  @Test
  void whatIsLeasedMayBeginForTwoSeconds() {
    var lead = fixture.lead();
    fixture.enqueue(lead);
    assertThat(fixture.queue.setupProblems()).isEmpty();
    var now = new java.util.concurrent.atomic.AtomicLong();
    var lines = new WaitingLines(now::get);
    lines.rung("demo");
    var seen = new CopyOnWriteArrayList<Boolean>();
    var settler = new Settler(fixture.queue, "test", false, (written, trace) -> {});
    var permits = new Permits(1);
    var runner =
        new Runner(
            fixture.queue,
            handler(delivery -> {
              seen.add(delivery.mayBegin().holds());
              now.addAndGet(Duration.ofMillis(2001).toNanos());
              seen.add(delivery.mayBegin().holds());
              return Results.complete(delivery, "NOT_SET");
            }),
            settler,
            new InFlight(),
            permits,
            lines,
            new Signal(),
            meters.counter("lost"),
            OpenTelemetry.noop().getTracer("test"));
    var claimer =
        new Claimer(
            fixture.queue,
            new TestQueueProperties().concurrency(1).pollInterval(NEVER).build(),
            () -> null,
            lines,
            permits,
            new InFlight(),
            deliveries -> deliveries,
            runner,
            now::get);

    assertThat(org.assertj.core.api.Assertions.catchThrowable(claimer::once)).isNull();

    await().until(() -> seen.size() == 2);
    assertThat(seen).containsExactly(true, false);
  }

  @Test
  void anErrorInALoopDoesNotEndIt() {
    var first = new AtomicInteger();
    start(
        new TestQueueProperties().build(),
        handler(delivery -> {
          if (first.getAndIncrement() == 0) {
            throw new InternalError("as if");
          }
          return Results.complete(delivery, "NOT_SET");
        }));
    fixture.enqueue(fixture.lead());
    fixture.enqueue(fixture.lead());

    await().until(() -> fixture.queued() == 1);
    assertThat(died).isEmpty();
  }

  private interface Handling {
    Settlement of(Delivery delivery) throws InterruptedException;
  }

  private static MessageHandler handler(Handling handling) {
    return new MessageHandler() {
      @Override
      public Settlement handle(Delivery delivery) throws InterruptedException {
        return handling.of(delivery);
      }

      @Override
      public List<Settlement> handleTogether(List<Delivery> deliveries)
          throws InterruptedException {
        var results = new ArrayList<Settlement>();
        for (var delivery : deliveries) {
          results.add(handling.of(delivery));
        }
        return results;
      }

      @Override
      public void settled(Delivery delivery, Settlement settlement) {}
    };
  }

  private static MessageHandler immediately() {
    return handler(delivery -> Results.complete(delivery, "NOT_SET"));
  }

  private void start(QueueProperties properties, MessageHandler handler) {
    engine =
        new QueueEngine(
            fixture.queue,
            fixture.leads,
            properties,
            new BatchProperties(true, Duration.ZERO, Duration.ZERO),
            handler,
            deliveries -> deliveries,
            () -> null,
            new Details(fixture.jdbcUrl()),
            meters,
            OpenTelemetry.noop().getTracer("test"),
            "test",
            died::add);
    engine.start();
  }

  private QueueEngine requireEngine() {
    return Objects.requireNonNull(engine);
  }

  private int listeners() {
    return fixture.count(
        "pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%listener' AND query LIKE 'LISTEN%'");
  }

  private record Details(String jdbcUrl) implements JdbcConnectionDetails {
    @Override
    public @Nullable String getUsername() {
      return null;
    }

    @Override
    public @Nullable String getPassword() {
      return null;
    }

    @Override
    public String getJdbcUrl() {
      return jdbcUrl;
    }
  }
}
