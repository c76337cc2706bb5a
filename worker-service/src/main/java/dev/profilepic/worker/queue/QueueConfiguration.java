package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class QueueConfiguration {

  private static final Logger log = LoggerFactory.getLogger(QueueConfiguration.class);

  @Bean
  QueueEngine queueEngine(
      QueueSql queue,
      LeadWriteSql leads,
      QueueProperties properties,
      BatchProperties batches,
      MessageHandler handler,
      Erasures erasures,
      DefaultInstance defaultInstance,
      JdbcConnectionDetails database,
      DatabaseProperties reached,
      MeterRegistry meters,
      OpenTelemetry telemetry,
      // Boot's SDK makes spans even where it is disabled, and throws them away.
      @Value("${management.opentelemetry.enabled}") boolean tracing,
      ApplicationEventPublisher events) {
    log.info("connections to the database are {}", reached.connection().explained());
    // "pid@host": enough to find the process that gave a message up.
    var worker = ManagementFactory.getRuntimeMXBean().getName();
    return new QueueEngine(
        queue,
        leads,
        properties,
        batches,
        handler,
        erasures,
        defaultInstance,
        database,
        meters,
        (tracing ? telemetry : OpenTelemetry.noop()).getTracer("profile-pic-worker"),
        worker,
        new EngineDeath(events)::of);
  }
}
