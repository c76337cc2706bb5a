package dev.profilepic.worker.doctor;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.worker.bridge.BridgeClient;
import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.exchanges.ExchangeDeadlines;
import dev.profilepic.worker.sources.PictureSources;
import dev.profilepic.worker.sources.Question;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** The worker's own sources of pictures, with its settings and without its queue. */
final class Sources implements AutoCloseable {

  private final AnnotationConfigApplicationContext context;

  private Sources(AnnotationConfigApplicationContext context) {
    this.context = context;
  }

  static Sources of(Setup setup) throws SQLException {
    var connection = setup.database().connection();
    var context = new AnnotationConfigApplicationContext();
    context.setEnvironment(setup.settings().environment());
    context.registerBean(
        JdbcTemplate.class,
        () -> new JdbcTemplate(new SingleConnectionDataSource(connection, true)));
    context.registerBean(InstantSource.class, setup::clock);
    context.register(Parts.class);
    try {
      context.refresh();
    } catch (RuntimeException wrong) {
      context.close();
      throw wrong;
    }
    return new Sources(context);
  }

  Lookup ask(String instance, PhoneNumber phone) throws InterruptedException {
    return context
        .getBean(PictureSources.class)
        .of(instance)
        .find(new Question(instance, phone, null), queries -> {});
  }

  @Override
  public void close() {
    context.close();
  }

  /**
   * The beans that the worker's sources need. The circuit breakers have defaults, since circuits
   * are of no use to a program that asks once. This class is no {@code Configuration}, so that the
   * worker itself does not find it.
   */
  @EnableConfigurationProperties
  @ConfigurationPropertiesScan(basePackageClasses = {BridgeClient.class, PictureSources.class})
  @ComponentScan(
      basePackageClasses = {BridgeClient.class, PictureSources.class, ExchangeDeadlines.class})
  static class Parts {

    @Bean
    CircuitBreakerRegistry circuitBreakers() {
      return CircuitBreakerRegistry.of(Map.of("instance", CircuitBreakerConfig.ofDefaults()));
    }

    @Bean
    MeterRegistry meters() {
      return new SimpleMeterRegistry();
    }
  }
}
