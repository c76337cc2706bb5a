package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.faults.FaultyBridge.Answer;
import dev.profilepic.faults.FaultyBridge.Question;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * SIGSTOP past the lease: a stopped worker (garbage collection, a suspended machine) continues with
 * a message that another worker, the heir, is working on by now.
 */
class SigstopTest {

  private static final String RENEW = "profile_pic.renew(";
  private static final String LEASES_LOST = "profilepic_lease_lost_total";

  private static Stage stage;

  private final Map<String, Question> asked = new ConcurrentHashMap<>();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> mayAnswer = new ConcurrentHashMap<>();
  private double leasesLost;

  @BeforeAll
  static void start() throws IOException {
    // The lease is long enough that the heir keeps it on a busy machine.
    stage = Stage.open(Map.of("profile-pic.worker.lease", "6s"));
    stage.replicas.startAll("a", "b");
  }

  @AfterAll
  static void close() throws Exception {
    stage.close();
  }

  /** Answers each worker when the test says so, and with a different picture. */
  @BeforeEach
  void answerEachWorkerByItself() {
    stage.bridge.behave(question -> {
      asked.put(question.worker(), question);
      gate(question.worker()).await();
      return answers.getOrDefault(
          question.worker(), new Answer.Found(question.phone() + "-" + question.worker()));
    });
  }

  @Test
  void aLateSettleIsRejected() {
    var lead = stage.crm.request(1).getFirst();
    var late = awaitFirst();
    var heir = letTheLeaseOfRunOut(late);
    // Without this hold, the worker's heartbeat would find the lost lease first.
    stage.replicas.proxy(late).hold(RENEW);

    answer(late);
    stage.replicas.get(late).thaw();
    awaitLostLease(late);
    assertThat(stage.ledger.count("stored", lead.id())).isZero();
    answer(heir);

    stage.assertEveryRequestWasServedOnce();
    assertThat(stage.ledger.details("stored")).endsWith(lead.phone() + "-" + heir);
    stage.replicas.proxy(late).release(RENEW);
  }

  @Test
  void aLateHeartbeatIsRejected() {
    var lead = stage.crm.request(1).getFirst();
    var late = awaitFirst();
    var heir = letTheLeaseOfRunOut(late);

    stage.replicas.get(late).thaw();
    awaitLostLease(late);
    answer(late);
    answer(heir);

    stage.assertEveryRequestWasServedOnce();
    assertThat(stage.ledger.details("stored")).endsWith(lead.phone() + "-" + heir);
    assertThat(stage.ledger.count("leased", lead.id())).isEqualTo(2);
  }

  @Test
  void aLateRetryIsRejectedAndCountsNoAttempt() {
    var lead = stage.crm.request(1).getFirst();
    var late = awaitFirst();
    var heir = letTheLeaseOfRunOut(late);
    stage.replicas.proxy(late).hold(RENEW);
    answers.put(late, new Answer.Failed(504, null));

    answer(late);
    stage.replicas.get(late).thaw();
    awaitLostLease(late);
    answer(heir);

    stage.assertEveryRequestWasServedOnce();
    assertThat(stage.ledger.count("leased", lead.id())).isEqualTo(2);
    stage.replicas.proxy(late).release(RENEW);
  }

  private CountDownLatch gate(String worker) {
    return mayAnswer.computeIfAbsent(worker, name -> new CountDownLatch(1));
  }

  private void answer(String worker) {
    gate(worker).countDown();
  }

  private String awaitFirst() {
    Await.until("a worker asks", () -> !asked.isEmpty());
    return asked.keySet().iterator().next();
  }

  private String letTheLeaseOfRunOut(String late) {
    leasesLost = stage.replicas.get(late).metric(LEASES_LOST);
    stage.replicas.get(late).freeze();
    var heir = late.equals("a") ? "b" : "a";
    Await.until("the heir asks", () -> asked.containsKey(heir));
    return heir;
  }

  private void awaitLostLease(String late) {
    Await.until(
        "worker " + late + " knows that it lost its lease",
        () -> stage.replicas.get(late).metric(LEASES_LOST) > leasesLost);
  }
}
