package dev.profilepic.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.faults.FaultyBridge.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.PessimisticLockingFailureException;

/** The same request, made several times at the same moment. */
class RepeatedRequestTest {

  private static final int AT_ONCE = 4;

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
  void aWebhookThatIsDeliveredManyTimesAtOnceMakesOneMessagePerLead() throws Exception {
    var leads = stage.crm.addLeads(20, Crm.INSTANCE);

    var receipts = atOnce(() -> requestUntilAccepted(leads));

    assertThat(receipts.stream().flatMap(List::stream).map(Crm.Receipt::status))
        .containsOnly("queued", "duplicate")
        .filteredOn("queued"::equals)
        .hasSize(leads.size());
    stage.assertEveryRequestWasServedOnce();
    assertThat(stage.ledger.balance().enqueued()).isEqualTo(leads.size());
  }

  @Test
  void deadLettersThatAreReplayedTwiceAtOnceAreDoneOnce() throws Exception {
    stage.bridge.behave(question -> new Answer.Failed(400, null));
    var leads = stage.crm.request(20);
    stage.awaitEmptyQueue();
    assertThat(stage.ledger.balance().dead()).isEqualTo(leads.size());
    stage.bridge.behaveWell();

    var replayed = atOnce(this::replayAll);

    assertThat(replayed.stream().mapToInt(Integer::intValue).sum()).isEqualTo(leads.size());
    stage.awaitEmptyQueue();
    assertThat(replayAll()).isZero();
    assertThat(leads).allMatch(lead -> stage.ledger.count("lead", lead.id()) == 1);
    assertThat(stage.ledger.balance().done()).isEqualTo(leads.size());
    stage.assertNothingWasLostOrDoubled();
  }

  /**
   * Repeats the request while the database is too busy with the same leads, as a webhook's sender
   * does.
   */
  private List<Crm.Receipt> requestUntilAccepted(List<Crm.Lead> leads) {
    while (true) {
      try {
        return stage.crm.requestFor(leads);
      } catch (PessimisticLockingFailureException busy) {
        Thread.onSpinWait();
      }
    }
  }

  private int replayAll() {
    var replayed =
        stage.jdbc.queryForObject(
            "SELECT count(*) FROM profile_pic.replay_dead_letters(NULL, NULL, 1000) WHERE status = 'queued'",
            Integer.class);
    return replayed == null ? 0 : replayed;
  }

  private static <T> List<T> atOnce(Callable<T> work)
      throws InterruptedException, ExecutionException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<T>();
      for (var result : threads.invokeAll(java.util.Collections.nCopies(AT_ONCE, work))) {
        results.add(result.get());
      }
      return results;
    }
  }
}
