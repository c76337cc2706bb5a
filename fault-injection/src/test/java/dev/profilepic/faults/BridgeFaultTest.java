package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.faults.FaultyBridge.Answer;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A bridge that hangs, is down or answers 429: work waits, and no attempt is spent. */
class BridgeFaultTest {

  private static Stage stage;

  @BeforeAll
  static void start() throws IOException {
    stage = Stage.open(Map.of("profile-pic.bridge.timeout", "1s"));
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
  void aBridgeThatHangsIsWaitedFor() {
    stage.bridge.behave(question -> FaultyBridge.silence());
    stage.crm.request(30);
    awaitOutcome("BRIDGE_DOWN", 30);

    stage.bridge.behaveWell();

    stage.assertEveryRequestWasServedOnce();
  }

  @Test
  void aBridgeThatIsDownIsWaitedFor() throws IOException {
    stage.bridge.goDown();
    stage.crm.request(30);
    awaitOutcome("BRIDGE_DOWN", 30);

    stage.bridge.comeBack();

    stage.assertEveryRequestWasServedOnce();
  }

  @Test
  void a429PausesTheInstanceOnAllReplicasAndNoOther() {
    var throttling = new AtomicBoolean(true);
    stage.bridge.behave(question ->
        throttling.get() && question.instance().equals("throttled")
            ? new Answer.Failed(429, 2)
            : FaultyBridge.found(question));
    // At four a second and eight at once, few lookups start before the first 429 is settled.
    stage.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES ('throttled', 240)");
    var paused = stage.crm.request(40, "throttled");
    Await.until(
        "the instance is paused",
        () ->
            stage.jdbc.queryForObject(
                "SELECT paused_until > now() FROM profile_pic.instances WHERE instance_id = 'throttled'",
                Boolean.class));
    throttling.set(false);
    var others = stage.crm.request(10);

    stage.assertEveryRequestWasServedOnce();
    long throttled =
        stage.bridge.answers().stream()
            .filter(answered -> answered.answer() instanceof Answer.Failed)
            .count();
    assertThat(throttled).isPositive().isLessThan(paused.size() / 2);
    assertThat(others).allMatch(lead -> stage.ledger.count("leased", lead.id()) == 1);
  }

  private static void awaitOutcome(String outcome, int leads) {
    Await.until(
        leads + " requests ended with " + outcome,
        () ->
            stage.jdbc.queryForObject(
                "SELECT count(*) >= ? FROM profile_pic.pictures WHERE reason = ?",
                Boolean.class,
                leads,
                outcome));
  }
}
