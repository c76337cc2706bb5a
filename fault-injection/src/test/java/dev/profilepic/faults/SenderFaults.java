package dev.profilepic.faults;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** What those who enqueue and those who operate the queue do to it. */
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

  /** One request that kills its worker each time. */
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

  /** How many messages were sent that nobody can read: all of them must become dead letters. */
  int unparseableSent() {
    return unparseable.get();
  }

  /** Leads whose requests may become dead letters. */
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

  /** Waits for something that other faults may keep from coming about for long. */
  private void awaitUnlessOver(Callable<Boolean> condition) throws InterruptedException {
    while (run.pause(BETWEEN_LOOKS)) {
      try {
        if (condition.call()) {
          return;
        }
      } catch (InterruptedException stopped) {
        throw stopped;
      } catch (Exception databaseAway) {
        // Asked again.
      }
    }
  }

  /** Failures do not matter: whoever got through counts, and the ledger has it. */
  private static <T> void atOnce(Callable<T> work) throws InterruptedException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.invokeAll(Collections.nCopies(AT_ONCE, work));
    }
  }
}
