package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadlyMessageTest {

  @Test
  void aMessageThatKillsItsWorkerEachTimeBecomesADeadLetter() throws Exception {
    try (var stage =
        Stage.open(
            Map.of("profile-pic.pictures.max-deliveries", "2", "profile-pic.worker.lease", "3s"))) {
      var deadly = stage.crm.addLead();
      var others = stage.crm.addLeads(4, Crm.INSTANCE);
      stage.bridge.behave(question -> {
        if (question.phone().equals(deadly.phone())) {
          stage.awaitDone(others.size());
          stage.replicas.get(question.worker()).kill();
        }
        return FaultyBridge.found(question);
      });
      stage.crm.requestFor(
          List.of(others.get(0), others.get(1), deadly, others.get(2), others.get(3)));

      for (int death = 0; death < 2; death++) {
        stage.replicas.start("a");
        Await.until("the worker is dead", () -> !stage.replicas.get("a").isAlive());
      }
      stage.replicas.start("a");
      stage.awaitEmptyQueue();

      assertThat(stage.ledger.details("dead")).containsExactly("TOO_MANY_DELIVERIES");
      assertThat(stage.ledger.count("dead", deadly.id())).isEqualTo(1);
      assertThat(stage.ledger.balance().done()).isEqualTo(others.size());
      assertThat(stage.ledger.balance().attempts()).isZero();
      stage.assertNothingWasLostOrDoubled();
    }
  }
}
