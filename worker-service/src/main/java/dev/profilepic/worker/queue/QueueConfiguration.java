package dev.profilepic.worker.queue;

import io.micrometer.core.instrument.MeterRegistry;
import java.lang.management.ManagementFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class QueueConfiguration {

  @Bean
  QueueEngine queueEngine(
      QueueSql queue,
      LeadWriteSql leads,
      QueueProperties properties,
      MessageHandler handler,
      Erasures erasures,
      DefaultInstance defaultInstance,
      JdbcConnectionDetails database,
      MeterRegistry meters,
      ApplicationEventPublisher events) {
    // "pid@host": enough to find the process that gave a message up.
    var worker = ManagementFactory.getRuntimeMXBean().getName();
    return new QueueEngine(
        queue,
        leads,
        properties,
        handler,
        erasures,
        defaultInstance::get,
        database,
        meters,
        worker,
        new EngineDeath(events)::of);
  }
}
