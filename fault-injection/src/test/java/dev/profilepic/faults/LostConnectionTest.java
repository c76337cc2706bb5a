package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.faults.FaultyBridge.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Failures of the connections between a worker and its database. */
class LostConnectionTest {

  private static final String SETTLE = "profile_pic.settle(";

  private static Stage stage;

  @BeforeAll
  static void start() throws IOException {
    stage =
        Stage.open(
            Map.of(
                "spring.datasource.hikari.maximum-pool-size", "2",
                "spring.datasource.hikari.data-source-properties.socketTimeout", "2",
                "profile-pic.worker.lease", "3s"));
    stage.replicas.startAll("a");
  }

  @AfterAll
  static void close() throws Exception {
    stage.close();
  }

  @BeforeEach
  void behaveWell() {
    stage.bridge.behaveWell();
  }

  @Test
  void connectionsThatTheServerTerminatesAreOpenedAgainTheListenersIncluded() {
    stage.bridge.behave(question -> FaultyBridge.foundAfter(Duration.ofMillis(20), question));
    for (int round = 0; round < 4; round++) {
      int listener = awaitAnotherListenerThan(0);
      stage.crm.request(30);
      stage.backends.terminateAll();
      awaitAnotherListenerThan(listener);
    }

    stage.assertEveryRequestWasServedOnce();
  }

  @Test
  void settlingAgainAfterTheAnswerToTheCommitWasLostChangesNothing() {
    var lost = stage.replicas.proxy("a").lostAnswers() + 3;
    stage.replicas.proxy("a").loseAnswersTo(SETTLE, 3);
    long leased = stage.ledger.count("leased");
    int requests = 0;
    for (; stage.replicas.proxy("a").lostAnswers() < lost; requests += 5) {
      stage.crm.request(5);
      stage.awaitEmptyQueue();
    }

    stage.assertEveryRequestWasServedOnce();
    // Each request was leased once: the settle whose answer was lost had committed.
    assertThat(stage.ledger.count("leased")).isEqualTo(leased + requests);
  }

  @Test
  void aFailedAttemptCountsOnceAlsoWhenTheAnswerToItsCommitWasLost() {
    var failed = ConcurrentHashMap.<String>newKeySet();
    stage.bridge.behave(question ->
        failed.add(question.phone()) ? new Answer.Failed(504, null) : FaultyBridge.found(question));
    var lost = stage.replicas.proxy("a").lostAnswers() + 1;
    stage.replicas.proxy("a").loseAnswersTo(SETTLE, 1);
    var before = stage.ledger.balance();
    var leads = stage.crm.request(10);

    stage.awaitEmptyQueue();

    assertThat(stage.replicas.proxy("a").lostAnswers()).isEqualTo(lost);
    assertThat(leads).allMatch(lead -> stage.ledger.count("attempt", lead.id()) == 1);
    assertThat(stage.ledger.balance().attempts()).isEqualTo(before.attempts() + 10);
    stage.assertNothingWasLostOrDoubled();
  }

  @Test
  void connectionsThatAreHalfOpenAreGivenUpTheListenersIncluded() {
    stage.bridge.behave(question -> FaultyBridge.foundAfter(Duration.ofMillis(100), question));
    int listener = awaitAnotherListenerThan(0);
    stage.crm.request(30);
    Await.until("a worker asks", () -> !stage.bridge.questions().isEmpty());

    stage.replicas.proxy("a").goHalfOpen();
    stage.crm.request(10);
    Await.until(
        "a statement was given up",
        () -> stage.replicas.get("a").metric("hikaricp_connections_timeout_total") > 0);
    stage.replicas.proxy("a").heal();

    stage.awaitEmptyQueue();
    stage.assertNothingWasLostOrDoubled();
    awaitAnotherListenerThan(listener);
  }

  @Test
  void aPoolWithoutAFreeConnectionDelaysWorkAndLosesNone() throws Exception {
    var answer = new CountDownLatch(1);
    stage.bridge.behave(question -> {
      answer.await();
      return FaultyBridge.found(question);
    });
    int asked = stage.bridge.questions().size();
    double timeouts = stage.replicas.get("a").metric("hikaricp_connections_timeout_total");
    stage.crm.request(10);
    Await.until("all are asked", () -> stage.bridge.questions().size() == asked + 10);

    // Claim and renew wait for the lock, and leave no connection for settle.
    try (var operator = stage.crm.connect();
        var lock = operator.createStatement()) {
      operator.setAutoCommit(false);
      lock.execute("LOCK TABLE pgmq.q_profile_pic_queue IN ACCESS EXCLUSIVE MODE");
      answer.countDown();
      Await.until(
          "the pool is exhausted",
          () -> stage.replicas.get("a").metric("hikaricp_connections_timeout_total") > timeouts);
      operator.rollback();
    }

    stage.awaitEmptyQueue();
    stage.assertNothingWasLostOrDoubled();
  }

  private static int awaitAnotherListenerThan(int former) {
    Await.until(
        "a new connection listens",
        () -> stage.backends.listeners() == 1 && stage.backends.newestListener() != former);
    return stage.backends.newestListener();
  }
}
