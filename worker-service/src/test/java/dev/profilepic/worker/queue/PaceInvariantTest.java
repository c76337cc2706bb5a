package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.dao.PessimisticLockingFailureException;

/**
 * In a window of any length an instance starts at most pace × (length + 2 s) + burst lookups,
 * regardless of earlier stops, pauses, pace changes, purges, replicas and clock changes. Several
 * replicas claim as fast as they can while all of these happen at random. The test records the
 * start of every lookup, and counts the lookups in every window between two starts. The test runs
 * until it has enough starts, regardless of the random disturbances.
 */
class PaceInvariantTest extends QueueTest {

  private static final int HIGHEST_PACE = 1_200;
  private static final Duration LENGTH = Duration.ofSeconds(6);
  private static final Duration AT_MOST = Duration.ofMinutes(1);
  private static final int TELLING = 20;

  @ParameterizedTest
  @ValueSource(longs = {1, 20_261_125})
  void noWindowHoldsMoreLookupsThanThePaceAllows(long seed) throws Exception {
    var random = new Random(seed);
    fixture.jdbc.update(
        "INSERT INTO profile_pic.instances (instance_id, pace_per_minute) VALUES ('demo', ?)",
        HIGHEST_PACE);
    refill();
    List<Long> starts = Collections.synchronizedList(new ArrayList<>());
    var stopped = new AtomicBoolean();
    var begin = System.nanoTime();
    var replicas = new ArrayList<Future<?>>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 3; i++) {
        replicas.add(threads.submit(() -> claimUntil(stopped, starts)));
      }
      long runs = 0;
      while (runs < LENGTH.toNanos() || (starts.size() <= TELLING && runs < AT_MOST.toNanos())) {
        unlessDeadlocked(() -> disturb(random));
        runs = System.nanoTime() - begin;
      }
      stopped.set(true);
      for (var replica : replicas) {
        replica.get();
      }
    }

    assertThat(starts).as("somebody was looked up").hasSizeGreaterThan(TELLING);
    Collections.sort(starts);
    double perNano = HIGHEST_PACE / 60e9;
    int burst = HIGHEST_PACE / 30;
    for (int from = 0; from < starts.size(); from++) {
      for (int to = from; to < starts.size(); to++) {
        double allowed = (starts.get(to) - starts.get(from) + 2e9) * perNano + burst;
        assertThat(to - from + 1)
            .as("lookups in %d ms", (starts.get(to) - starts.get(from)) / 1_000_000)
            .isLessThanOrEqualTo((int) Math.ceil(allowed));
      }
    }
  }

  private void claimUntil(AtomicBoolean stopped, List<Long> starts) {
    while (!stopped.get()) {
      unlessDeadlocked(() -> {
        var claimed = fixture.claimWithPace(500, 60).deliveries();
        long now = System.nanoTime();
        claimed.forEach(delivery -> starts.add(now));
        if (claimed.size() % 3 == 1) {
          fixture.queue.release(claimed.stream().map(Delivery::lease).toList());
        }
      });
    }
  }

  /**
   * Runs a step, and ignores a deadlock. A stranger's statement locks rows in another order, and a
   * purge locks the whole table. The deadlock's victim has changed nothing and goes on, as a worker
   * does.
   */
  private static void unlessDeadlocked(Runnable step) {
    try {
      step.run();
    } catch (PessimisticLockingFailureException gaveWay) {
      Thread.onSpinWait();
    }
  }

  private void disturb(Random random) {
    switch (random.nextInt(8)) {
      case 0 -> setPace(60 + random.nextInt(HIGHEST_PACE - 60));
      case 1 -> setPace(HIGHEST_PACE);
      case 2 ->
          fixture.jdbc.update(
              "UPDATE profile_pic.instances SET paused_until = now() + interval '100 ms'");
      case 3 -> fixture.jdbc.queryForList("SELECT profile_pic.resume_instance('demo')");
      case 4 -> {
        fixture.jdbc.queryForList("SELECT pgmq.purge_queue('profile_pic_queue')");
        fixture.queue.heal(0, 100_000);
        refill();
      }
      // The clock went back by a minute.
      case 5 ->
          fixture.jdbc.update("UPDATE profile_pic.pace_states SET tat = tat + interval '1 minute'");
      case 6 -> fixture.queue.takeToken("demo", 60);
      default ->
          fixture.jdbc.update(
              "UPDATE pgmq.q_profile_pic_queue SET vt = now() WHERE msg_id IN (SELECT msg_id FROM pgmq.q_profile_pic_queue LIMIT 5)");
    }
  }

  private void setPace(int pace) {
    fixture.jdbc.update("UPDATE profile_pic.instances SET pace_per_minute = ?", pace);
  }

  private void refill() {
    fixture.jdbc.update(
        "INSERT INTO public.leads (phone, instance_id) SELECT '55629' || (90000000 + n), 'demo' FROM generate_series(1, 400) AS n");
    fixture.jdbc.queryForList(
        "SELECT count(*) FROM (SELECT profile_pic.enqueue(jsonb_agg(jsonb_build_object('lead_id', l.id, 'phone', l.phone, 'force_update', true))) FROM (SELECT * FROM public.leads ORDER BY created_at DESC LIMIT 400) AS l) AS e");
  }
}
