package dev.profilepic.faults;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The faults of senders to the queue and of operators of the queue. */
final class SenderFaults {

  private static final int AT_ONCE = 4;
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
  private static final List<String> UNPARSEABLE =
      List.of("null", "[]", "\"text\"", "{\"lead_id\": 7}", "{\"phone\": \"5562999212484\"}");

  private final ChaosRun run;
  private final Stage stage;
  private final SwitchableAnswers answers;
  private final AtomicInteger unparseable = new AtomicInteger();
  private final Set<String> mayDie = ConcurrentHashMap.newKeySet();

  SenderFaults(ChaosRun run, Stage stage, SwitchableAnswers answers) {
    this.run = run;
    this.stage = stage;
    this.answers = answers;
  }

  List<Fault> all() {
    return List.of(
        new Fault("unparseable in a batch", this::sendUnparseable),
        new Fault("duplicate webhooks", this::sendDuplicates));
  }

  Fault doubleReplay() {
    return new Fault("double replay", this::replayTwice);
  }

  /** Returns a fault whose only request kills its worker each time. */
  Fault deadlyMessage() {
    return new Fault(
        "message that kills",
        () -> {
          var lead = stage.crm.addLead();
          mayDie.add(lead.id());
          answers.makeDeadly(lead.phone());
          stage.crm.requestFor(List.of(lead));
          awaitUnlessOver(() -> stage.ledger.count("dead", lead.id()) == 1);
        });
  }

  /** Returns the number of unparseable messages sent. All of them must become dead letters. */
  int unparseableSent() {
    return unparseable.get();
  }

  /** Returns the leads whose requests may become dead letters. */
  Set<String> leadsThatMayDie() {
    return Set.copyOf(mayDie);
  }

  private void sendUnparseable() {
    var leads = stage.crm.addLeads(10, Crm.INSTANCE);
    stage.crm.requestFor(leads.subList(0, 5));
    stage.crm.send(UNPARSEABLE);
    unparseable.addAndGet(UNPARSEABLE.size());
    stage.crm.requestFor(leads.subList(5, 10));
  }

  private void sendDuplicates() throws InterruptedException {
    var leads = stage.crm.addLeads(10, Crm.INSTANCE);
    atOnce(() -> stage.crm.requestFor(leads));
  }

  private void replayTwice() throws InterruptedException {
    var leads = stage.crm.addLeads(5, Crm.INSTANCE);
    leads.forEach(lead -> {
      mayDie.add(lead.id());
      answers.refuseOnce(lead.phone());
    });
    stage.crm.requestFor(leads);
    awaitUnlessOver(() ->
        leads.stream()
            .allMatch(lead ->
                stage.ledger.count("dead", lead.id()) + stage.ledger.count("stored", lead.id())
                    > 0));
    atOnce(() ->
        stage.jdbc.queryForList(
            "SELECT * FROM profile_pic.replay_dead_letters(NULL, 'INVALID_MESSAGE', 1000)"));
  }

  /** Waits for a condition until the run is over. Other faults may delay the condition for long. */
  private void awaitUnlessOver(Callable<Boolean> condition) throws InterruptedException {
    while (run.pause(BETWEEN_LOOKS)) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (InterruptedException stopped) {
        throw stopped;
      } catch (Exception databaseAway) {
        // The next round asks again.
      }
    }
  }

  /**
   * Runs the work several times at once. Failures do not matter: the ledger has the calls that
   * succeeded.
   */
  private static <T> void atOnce(Callable<T> work) throws InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.invokeAll(Collections.nCopies(AT_ONCE, work));
    }
  }
}
