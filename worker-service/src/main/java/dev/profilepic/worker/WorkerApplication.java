package dev.profilepic.worker;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.micrometer.tracing.autoconfigure.MicrometerTracingAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.NoopTracerAutoConfiguration;
import org.springframework.boot.micrometer.tracing.autoconfigure.prometheus.PrometheusExemplarsAutoConfiguration;

/**
 * Claims requests for photos from the queue, fetches the pictures and settles what became of them.
 */
@SpringBootApplication(
    exclude = {
      // Spans are our own: those of each request to health and metrics would drown them.
      MicrometerTracingAutoConfiguration.class,
      NoopTracerAutoConfiguration.class,
      PrometheusExemplarsAutoConfiguration.class
    })
@ConfigurationPropertiesScan
public class WorkerApplication {

  public static void main(String[] args) {
    SpringApplication.run(WorkerApplication.class, args);
  }
}
