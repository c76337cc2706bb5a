package dev.profilepic.worker;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.springframework.core.task.TaskDecorator;

/**
 * Interrupts a run of a job that takes too long. Jobs run on virtual threads, where an interrupt
 * also ends a read from a socket that never answers.
 */
final class JobDeadline implements TaskDecorator {

  private final Duration longest;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("job-deadline").factory());

  JobDeadline(Duration longest) {
    this.longest = longest;
  }

  @Override
  public Runnable decorate(Runnable job) {
    return () -> {
      var thread = Thread.currentThread();
      var interrupt = watch.schedule(thread::interrupt, longest.toMillis(), TimeUnit.MILLISECONDS);
      try {
        job.run();
      } finally {
        interrupt.cancel(false);
      }
    };
  }
}
