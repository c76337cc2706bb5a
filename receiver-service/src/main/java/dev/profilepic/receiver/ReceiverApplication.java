package dev.profilepic.receiver;

import dev.profilepic.contract.EarlyConnection;
import dev.profilepic.contract.ErasureKey;
import java.time.InstantSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.prometheus.PrometheusExemplarsAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Takes events in, puts requests into the queue, and shows their results. */
@SpringBootApplication(
    proxyBeanMethods = false,
    exclude = {
      // The spans are our own (http/Trace): one for each call, and none between calls and events.
      MicrometerTracingAutoConfiguration.class,
      NoopTracerAutoConfiguration.class,
      PrometheusExemplarsAutoConfiguration.class,
      // Transactions are code (TransactionTemplate). Looking for annotations in every bean takes
      // time at each start.
      TransactionAutoConfiguration.class
    })
@Import(EarlyConnection.class)
@ConfigurationPropertiesScan(basePackageClasses = {ReceiverApplication.class, ErasureKey.class})
@EnableScheduling
public class ReceiverApplication {

  public static void main(String[] args) {
    SpringApplication.run(ReceiverApplication.class, args);
  }

  @Bean
  InstantSource clock() {
    return InstantSource.system();
  }
}
