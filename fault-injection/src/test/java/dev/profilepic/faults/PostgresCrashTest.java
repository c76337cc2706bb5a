package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PostgresCrashTest {

  private static final int PER_ROUND = 60;

  @Test
  void aDatabaseThatCrashesAndRecoversLosesNoRequestAndDoublesNoEffect() throws Exception {
    var postgres = new RestartablePostgres();
    try (var stage = Stage.on(postgres, Map.of())) {
      stage.bridge.behave(question -> FaultyBridge.foundAfter(Duration.ofMillis(50), question));
      stage.replicas.startAll("a", "b");

      for (int round = 1; round <= 2; round++) {
        long before = stage.ledger.balance().done();
        stage.crm.request(PER_ROUND);
        stage.awaitDone(before + 1);
        postgres.crash();
        postgres.start();
        assertThat(stage.ledger.balance().enqueued()).isEqualTo((long) round * PER_ROUND);
      }

      stage.assertEveryRequestWasServedOnce();
      Await.until("both listen again", () -> stage.backends.listeners() == 2);
    }
  }
}
