package dev.profilepic.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.profilepic.embedded.TestDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * Jobs that run at intervals do not share a thread, and a run that takes too long is interrupted.
 */
class JobThreadsTest {

  @Test
  void aBridgeThatHangsStopsNeitherGaugesNorFeeders() {
    var release = new CountDownLatch(1);
    var hanging = new CountDownLatch(1);
    try (var database = TestDatabase.migrated();
        var bridge = new FakeBridge()) {
      bridge.overview(exchange -> {
        hanging.countDown();
        try {
          release.await();
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
        }
      });
      // Without a default instance one of the jobs asks the bridge which number is open.
      try (var worker =
          RunningWorker.start(
              database,
              bridge,
              "spring.datasource.hikari.connection-init-sql=SET ROLE profile_pic_worker",
              "profile-pic.bridge.timeout=10m")) {
        await().until(() -> hanging.getCount() == 0);

        new JdbcTemplate(database.sessions())
            .execute("SELECT pgmq.send('profile_pic_dlq', '{}'::jsonb)");

        await()
            .until(() ->
                worker
                        .bean(MeterRegistry.class)
                        .get("profilepic.queue.depth")
                        .tag("state", "dead")
                        .gauge()
                        .value()
                    == 1);
        release.countDown();
      }
    }
  }

  @Test
  void aRunThatTakesTooLongIsInterrupted() throws InterruptedException {
    var interrupted = new AtomicBoolean();
    var job =
        new JobDeadline(Duration.ofMillis(50))
            .decorate(() -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException stopped) {
                interrupted.set(true);
              }
            });

    Thread.ofVirtual().start(job).join();

    assertThat(interrupted).isTrue();
  }
}
