package dev.profilepic.faults;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The faults of PostgreSQL, and of the connections to PostgreSQL. */
final class DatabaseFaults {

  private static final String SETTLE = "profile_pic.settle(";

  private final ChaosRun run;
  private final Stage stage;
  private final RestartablePostgres postgres;

  DatabaseFaults(ChaosRun run, Stage stage, RestartablePostgres postgres) {
    this.run = run;
    this.stage = stage;
    this.postgres = postgres;
  }

  List<Fault> all() {
    return List.of(
        new Fault("PostgreSQL crash", this::crash),
        new Fault("pg_terminate_backend", stage.backends::terminateAll),
        new Fault("connections cut", () -> anyProxy().cutAll()),
        new Fault("COMMIT answers lost", this::loseAnswers),
        new Fault("half-open TCP", this::goHalfOpen),
        new Fault("pool exhausted", this::exhaustPools),
        new Fault("lead locked by the CRM", this::lockLead));
  }

  private void crash() throws Exception {
    postgres.crash();
    postgres.start();
  }

  private void loseAnswers() throws InterruptedException {
    var proxy = anyProxy();
    proxy.loseAnswersTo(SETTLE, 5);
    run.pause(Duration.ofSeconds(2));
    proxy.loseAnswersTo(SETTLE, 0);
  }

  private void goHalfOpen() throws InterruptedException {
    var proxy = anyProxy();
    proxy.goHalfOpen();
    try {
      run.pause(Duration.ofSeconds(4));
    } finally {
      proxy.heal();
    }
  }

  private void exhaustPools() throws SQLException, InterruptedException {
    try (var operator = stage.crm.connect();
        var lock = operator.createStatement()) {
      operator.setAutoCommit(false);
      lock.execute("LOCK TABLE pgmq.q_profile_pic_queue IN ACCESS EXCLUSIVE MODE");
      run.pause(Duration.ofSeconds(3));
      operator.rollback();
    }
  }

  private void lockLead() throws SQLException, InterruptedException {
    var lead = stage.crm.addLead();
    try (Connection crm = stage.crm.lock(lead)) {
      stage.crm.requestFor(List.of(lead));
      run.pause(Duration.ofSeconds(2));
      crm.rollback();
    }
  }

  private CuttingProxy anyProxy() {
    var names = stage.replicas.names();
    return stage.replicas.proxy(names.get(ThreadLocalRandom.current().nextInt(names.size())));
  }
}
