package dev.profilepic.faults;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.profilepic.faults.Troublemaker.Strike;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/**
 * {@code bin/chaos [minutes]}: two replicas under steady load and a flood, while processes,
 * database, network, CRM, bridge and senders fail at random and at the same time. Ends with 0 only
 * if the ledger balances.
 */
public final class Chaos {

  private static final Map<String, String> SETTINGS =
      Map.of(
          "profile-pic.worker.lease", "5s",
          "profile-pic.bridge.timeout", "2s",
          "profile-pic.pictures.max-deliveries", "8",
          "spring.datasource.hikari.maximum-pool-size", "3",
          "spring.datasource.hikari.data-source-properties.socketTimeout", "3",
          "logging.level.root", "ERROR");
  private static final Duration SETTLING = Duration.ofMinutes(10);

  private final ChaosRun run = new ChaosRun();
  private final ChaosRun aftermath = new ChaosRun();
  private final Queue<Strike> strikes = new ConcurrentLinkedQueue<>();
  private final RestartablePostgres postgres;
  private final Stage stage;
  private final SwitchableAnswers answers;
  private final SteadySender sender;
  private final WorkerReviver reviver;
  private final SenderFaults senders;

  private Chaos(RestartablePostgres postgres, Stage stage) {
    this.postgres = postgres;
    this.stage = stage;
    this.answers = new SwitchableAnswers(worker -> stage.replicas.get(worker).kill());
    this.sender = new SteadySender(run, stage.crm);
    this.reviver = new WorkerReviver(aftermath, stage.replicas);
    this.senders = new SenderFaults(run, stage, answers);
  }

  public static void main(String[] args) throws Exception {
    var minutes = args.length == 0 ? "5" : args[0];
    if (args.length > 1 || !minutes.matches("[0-9]{1,4}") || minutes.matches("0+")) {
      System.err.println("usage: chaos [MINUTES]");
      System.exit(2);
    }
    // Only the table is wanted, not the logs of Flyway and PostgreSQL.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    // An upgrade that a crash interrupts is already reported as a fault that came to nothing.
    ((Logger) LoggerFactory.getLogger("org.flywaydb")).setLevel(Level.OFF);
    var postgres = new RestartablePostgres();
    try (var stage = Stage.on(postgres, SETTINGS)) {
      boolean balanced =
          new Chaos(postgres, stage).lastFor(Duration.ofMinutes(Long.parseLong(minutes)));
      System.out.println(balanced ? "the ledger balances" : "THE LEDGER DOES NOT BALANCE");
      System.exit(balanced ? 0 : 1);
    }
  }

  private boolean lastFor(Duration duration) throws InterruptedException {
    stage.bridge.behave(answers);
    stage.replicas.startAll("a", "b");
    var helpers = new ArrayList<>(List.of(start(sender)));
    new Flood(run, stage).rise();

    System.out.printf("chaos for %d minutes from now%n", duration.toMinutes());
    var reviving = start(reviver);
    for (var faults : kindsOfFaults()) {
      helpers.add(start(new Troublemaker(run, faults, strikes)));
    }
    run.pause(duration);
    run.end();
    for (var helper : helpers) {
      helper.join();
    }

    System.out.println("calm again: waiting until what is left is settled");
    awaitSettled();
    aftermath.end();
    reviving.join();
    return report();
  }

  /**
   * Returns the faults by kind. One fault of each kind strikes at a time; faults of different kinds
   * overlap.
   */
  private List<List<Fault>> kindsOfFaults() {
    var crm = new CrmFaults(run, stage.crm);
    return List.of(
        new ProcessFaults(run, stage.replicas, postgres).all(),
        new DatabaseFaults(run, stage, postgres).all(),
        List.of(crm.heldLeads()),
        List.of(crm.heldSnapshot()),
        new BridgeFaults(run, stage.bridge, answers).all(),
        senders.all(),
        List.of(senders.doubleReplay()),
        List.of(senders.deadlyMessage()));
  }

  private void awaitSettled() {
    try {
      Await.until("all but the flood is settled", SETTLING, () -> unsettled() == 0);
    } catch (org.awaitility.core.ConditionTimeoutException stuck) {
      System.out.printf("%d requests or rows are still waiting after %s%n", unsettled(), SETTLING);
    }
  }

  /** Counts the messages, and the leads whose row is still to be written. */
  private long unsettled() {
    var left =
        stage.jdbc.queryForObject(
            """
            SELECT (SELECT count(*) FROM pgmq.q_profile_pic_queue
                    WHERE message ->> 'instance_id' IS DISTINCT FROM 'flood')
                 + (SELECT count(*) FROM profile_pic.lead_writes AS w JOIN public.leads AS l ON l.id::text = w.lead_id
                    WHERE l.instance_id <> 'flood')
            """,
            Long.class);
    return left == null ? 0 : left;
  }

  private boolean report() {
    var report = new ChaosReport(stage.jdbc);
    var rows = report.rows(strikes, answers.attemptsDue());
    var balance = stage.ledger.balance();
    System.out.printf(
        "%n%-26s %6s %8s %8s %5s %8s %s%n",
        "fault", "times", "requests", "effects", "lost", "doubled", "attempts wrongly spent");
    rows.forEach(Chaos::print);
    System.out.printf(
        "%n%,d enqueued = %,d done + %,d dead + %,d waiting (the flood), %d lost, %d doubled; %d leads' rows written, %d to be written%n",
        balance.enqueued(),
        balance.done(),
        balance.dead(),
        balance.waiting(),
        balance.lost(),
        balance.doubled(),
        balance.effects(),
        balance.writes());
    long unknown = report.acceptedButUnknown(sender.accepted());
    long wronglyDead = report.wronglyDead(senders.leadsThatMayDie());
    long unparseable = report.unparseableDead();
    System.out.printf(
        "%,d accepted by the database of which %d are unknown, %d transactions refused; %d of %d unparseable messages are dead letters, %d requests wrongly so; workers revived %d times%n",
        sender.accepted().size(),
        unknown,
        sender.refused(),
        unparseable,
        senders.unparseableSent(),
        wronglyDead,
        reviver.revived());
    System.out.printf(
        "%d failed attempts counted, of %d that the bridge let fail%n",
        balance.attempts(),
        answers.attemptsDue().values().stream().mapToLong(Long::longValue).sum());
    return balance.lost() == 0
        && balance.doubled() == 0
        && rows.stream().allMatch(ChaosReport.Row::balances)
        && unknown == 0
        && wronglyDead == 0
        && unparseable == senders.unparseableSent()
        && unsettled() == 0;
  }

  private static void print(ChaosReport.Row row) {
    System.out.printf(
        "%-26s %6d %8d %8d %5d %8d %d%n",
        row.fault(),
        row.times(),
        row.requests(),
        row.effects(),
        row.lost(),
        row.doubled(),
        row.attempts());
  }

  private static Thread start(Runnable work) {
    return Thread.ofVirtual().start(work);
  }
}
