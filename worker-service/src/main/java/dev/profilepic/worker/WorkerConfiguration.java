package dev.profilepic.worker;

import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The two things that tests replace: time and chance. */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
class WorkerConfiguration {

  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }

  @Bean
  RandomGenerator random() {
    return new ThreadLocalChance();
  }

  /**
   * {@link ThreadLocalRandom} belongs to the thread that asked for it, so it is asked for at each
   * draw.
   */
  private static final class ThreadLocalChance implements RandomGenerator {
    @Override
    public long nextLong() {
      return ThreadLocalRandom.current().nextLong();
    }
  }
}
