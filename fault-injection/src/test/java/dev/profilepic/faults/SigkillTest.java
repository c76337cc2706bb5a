package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** SIGKILL at each step of the work on a message. The other replica takes over. */
class SigkillTest {

  private static final String SETTLE = "profile_pic.settle(";

  private static Stage stage;

  @BeforeAll
  static void start() throws IOException {
    stage = Stage.open(Stage.SHORT_LEASE);
    stage.replicas.startAll("a", "b");
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
  void whoDiesBeforeTheBridgeAnsweredLosesNothing() {
    var first = new AtomicReference<@Nullable String>();
    stage.bridge.behave(question -> {
      first.compareAndSet(null, question.worker());
      return question.worker().equals(first.get())
          ? FaultyBridge.silence()
          : FaultyBridge.found(question);
    });
    stage.crm.request(20);
    var victim = Await.<String>forValue("a worker asks", first::get);

    stage.replicas.get(victim).kill();

    stage.assertEveryRequestWasServedOnce();
    stage.replicas.start(victim);
  }

  @Test
  void whoDiesWithThePictureInHandLosesNothing() {
    stage.replicas.names().forEach(name -> stage.replicas.proxy(name).hold(SETTLE));
    var lead = stage.crm.request(1).getFirst();
    var victim = awaitWorker(name -> stage.replicas.proxy(name).heldStatements() > 0);

    stage.replicas.get(victim).kill();
    stage.replicas.names().forEach(name -> stage.replicas.proxy(name).release(SETTLE));

    stage.assertEveryRequestWasServedOnce();
    assertThat(stage.ledger.count("leased", lead.id())).isEqualTo(2);
    stage.replicas.start(victim);
  }

  @Test
  void aSettleThatFailsAfterItsWorkersDeathIsDoneAgain() throws Exception {
    var lead = stage.crm.addLead();
    try (var holder = stage.crm.lockState(lead)) {
      stage.crm.requestFor(List.of(lead));
      var victim = stage.backends.awaitBlockedSettle();

      stage.replicas.get(victim).kill();
      Await.until("the settle has failed", () -> stage.backends.poolSize(victim) == 0);
      assertThat(stage.ledger.count("lead", lead.id())).isZero();
      holder.rollback();

      stage.assertEveryRequestWasServedOnce();
      assertThat(stage.ledger.count("leased", lead.id())).isGreaterThan(1);
      stage.replicas.start(victim);
    }
  }

  @Test
  void aSettleThatCommittedBeforeItsWorkersDeathIsNotDoneAgain() {
    stage.replicas.names().forEach(name -> stage.replicas.proxy(name).loseAnswersTo(SETTLE, 1));
    var lead = stage.crm.request(1).getFirst();
    var victim = awaitWorker(name -> stage.replicas.proxy(name).lostAnswers() > 0);

    stage.replicas.get(victim).kill();
    stage.replicas.names().forEach(name -> stage.replicas.proxy(name).loseAnswersTo(SETTLE, 0));

    stage.assertEveryRequestWasServedOnce();
    assertThat(stage.ledger.count("leased", lead.id())).isEqualTo(1);
    stage.replicas.start(victim);
  }

  private static String awaitWorker(Predicate<String> condition) {
    return Await.<String>forValue(
        "a worker is there",
        () -> stage.replicas.names().stream().filter(condition).findFirst().orElse(null));
  }
}
