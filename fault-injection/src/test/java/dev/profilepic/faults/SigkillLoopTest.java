package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SigkillLoopTest {

  private static final int PER_ROUND = 60;

  @Test
  void twoReplicasThatAreKilledInTurnServeEveryRequestOnce() throws Exception {
    try (var stage = Stage.open(Stage.SHORT_LEASE)) {
      stage.bridge.behave(question -> FaultyBridge.foundAfter(Duration.ofMillis(50), question));
      stage.replicas.startAll("a", "b");

      for (var victim : List.of("a", "b", "a")) {
        long before = stage.ledger.balance().done();
        stage.crm.request(PER_ROUND);
        stage.awaitDone(before + 1);
        stage.replicas.get(victim).kill();
        stage.replicas.start(victim);
        stage.replicas.awaitReady(victim);
      }

      stage.assertEveryRequestWasServedOnce();
      assertThat(stage.ledger.balance().done()).isEqualTo(3 * PER_ROUND);
    }
  }
}
