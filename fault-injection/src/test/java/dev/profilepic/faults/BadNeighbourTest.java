package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages and senders that could take all of the queue's attention. */
class BadNeighbourTest {

  private static final List<String> UNPARSEABLE =
      List.of(
          "null",
          "[]",
          "42",
          "\"text\"",
          "{}",
          "{\"lead_id\": {\"a\": 1}, \"phone\": \"5562999212484\"}",
          "{\"lead_id\": \"7\", \"phone\": true, \"timestamp\": \"yesterday\"}",
          "{\"lead_id\": \"7\", \"phone\": \"5562999212484\", \"profile_pic_url\": []}");

  private Stage stage;

  @BeforeEach
  void start() throws IOException {
    stage = Stage.open();
    stage.replicas.startAll("a");
  }

  @AfterEach
  void close() throws Exception {
    stage.close();
  }

  @Test
  void messagesThatCannotBeReadBecomeDeadLettersAndHarmNoneOfTheirBatch() {
    var unreadablePhone = stage.crm.addLead();
    var unparseable = new ArrayList<>(UNPARSEABLE);
    unparseable.add(
        "{\"lead_id\": \"%s\", \"phone\": \"letters\"}".formatted(unreadablePhone.id()));
    var leads = stage.crm.addLeads(20, Crm.INSTANCE);
    // All messages wait when the worker looks again, so that it claims them together.
    stage.replicas.get("a").freeze();
    stage.crm.requestFor(leads.subList(0, 10));
    stage.crm.send(unparseable);
    stage.crm.requestFor(leads.subList(10, 20));
    stage.replicas.get("a").thaw();

    stage.awaitEmptyQueue();

    assertThat(stage.ledger.details("dead"))
        .hasSize(unparseable.size())
        .containsOnly("INVALID_MESSAGE");
    assertThat(leads).allMatch(lead -> stage.ledger.count("lead", lead.id()) == 1);
    assertThat(leads).allMatch(lead -> stage.ledger.count("leased", lead.id()) == 1);
    assertThat(stage.ledger.balance().attempts()).isZero();
    stage.assertNothingWasLostOrDoubled();
  }

  @Test
  void oneTenantsFloodNeitherDelaysAnotherNorMoves() {
    stage.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES ('flood', 60)");
    var flood = stage.crm.request(2_000, "flood");
    Await.until("the flood has begun", () -> askedFor("flood") > 0);
    long before = askedFor("flood");

    var others = stage.crm.request(20, "other");
    stage.awaitDone(others.size());
    Await.until(
        "the others are done",
        () -> others.stream().allMatch(lead -> stage.ledger.count("lead", lead.id()) == 1));

    assertThat(askedFor("flood") - before).isLessThan(flood.size() / 10);
    assertThat(stage.ledger.mostOfOne("leased")).isEqualTo(1);
    assertThat(stage.ledger.count("leased")).isLessThan(20 + flood.size() / 10);
    stage.assertNothingWasLostOrDoubled();
  }

  private long askedFor(String instance) {
    return stage.bridge.questions().stream()
        .filter(question -> question.instance().equals(instance))
        .count();
  }
}
