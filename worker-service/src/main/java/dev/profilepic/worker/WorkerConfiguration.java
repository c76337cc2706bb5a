package dev.profilepic.worker;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/**
 * The clock and the random numbers, which tests replace, and the threads of all jobs that run at
 * intervals.
 */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class WorkerConfiguration {

  /** More threads than there are jobs. */
  private static final int MOST_JOBS = 24;

  private static final Duration LONGEST_JOB = Duration.ofMinutes(1);

  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }

  /**
   * Gives each job its own thread. In Boot's scheduler for virtual threads all jobs that run at
   * intervals share one thread, and a job that hangs would stop all other jobs.
   */
  @Bean
  ThreadPoolTaskScheduler taskScheduler() {
    var scheduler = new ThreadPoolTaskScheduler();
    scheduler.setVirtualThreads(true);
    scheduler.setThreadNamePrefix("job-");
    scheduler.setPoolSize(MOST_JOBS);
    scheduler.setTaskDecorator(new JobDeadline(LONGEST_JOB));
    return scheduler;
  }

  @Bean
  RandomGenerator random() {
    return new ThreadLocalChance();
  }

  /** Asks for {@link ThreadLocalRandom} at each draw, because it belongs to the asking thread. */
  private static final class ThreadLocalChance implements RandomGenerator {
    @Override
    public long nextLong() {
      return ThreadLocalRandom.current().nextLong();
    }
  }
}
