package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.DriverManager;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers that fail, results that are refused, and rows that another session locks. */
class EngineFaultsTest extends EngineTest {

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
                // PostgreSQL allows no NUL in a text.
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
    // SQLSTATE 57014 is in the class of a server that shuts down.
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
}
