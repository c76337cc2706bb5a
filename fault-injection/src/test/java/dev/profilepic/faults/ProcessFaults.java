package dev.profilepic.faults;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** The faults of the worker processes. The reviver starts dead workers again. */
final class ProcessFaults {

  private static final Duration BEYOND_THE_LEASE = Duration.ofSeconds(7);

  private final ChaosRun run;
  private final Replicas replicas;
  private final RestartablePostgres postgres;

  ProcessFaults(ChaosRun run, Replicas replicas, RestartablePostgres postgres) {
    this.run = run;
    this.replicas = replicas;
    this.postgres = postgres;
  }

  List<Fault> all() {
    return List.of(
        new Fault("SIGKILL", () -> any().kill()),
        new Fault("SIGTERM", () -> any().terminate()),
        new Fault("SIGSTOP past the lease", this::standStill),
        new Fault("worker upgraded", () -> replicas.replace(anyName(), postgres::migrateAnew)));
  }

  private void standStill() throws InterruptedException {
    var worker = any();
    worker.freeze();
    try {
      run.pause(BEYOND_THE_LEASE);
    } finally {
      worker.thaw();
    }
  }

  private WorkerProcess any() {
    return replicas.get(anyName());
  }

  private String anyName() {
    var names = replicas.names();
    return names.get(ThreadLocalRandom.current().nextInt(names.size()));
  }
}
