package dev.profilepic.worker;

import dev.profilepic.contract.EarlyConnection;
import dev.profilepic.contract.ErasureKey;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.prometheus.PrometheusExemplarsAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.Import;

/** Claims requests for photos from the queue, fetches the pictures and settles the outcomes. */
@SpringBootApplication(
    proxyBeanMethods = false,
    exclude = {
      // We make our own spans. Boot's spans of calls to health and metrics would drown them.
      MicrometerTracingAutoConfiguration.class,
      NoopTracerAutoConfiguration.class,
      PrometheusExemplarsAutoConfiguration.class,
      // Transactions are code (TransactionTemplate). Looking for annotations in every bean takes
      // time at each start.
      TransactionAutoConfiguration.class
    })
@Import(EarlyConnection.class)
@ConfigurationPropertiesScan(basePackageClasses = {WorkerApplication.class, ErasureKey.class})
public class WorkerApplication {

  public static void main(String[] args) {
    SpringApplication.run(WorkerApplication.class, args);
  }
}
