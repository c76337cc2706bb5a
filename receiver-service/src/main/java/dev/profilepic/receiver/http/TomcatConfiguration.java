package dev.profilepic.receiver.http;

import org.apache.catalina.Context;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** The settings of Tomcat that no property can set. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

  private static final String SEND_BUFFER = Integer.toString(128 * 1024);

  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> problemReports(
      ProblemWriter problems) {
    return factory -> factory.addContextCustomizers(context -> reportAsProblems(context, problems));
  }

  /**
   * Sets the size of the send buffers. Unread parts of an answer lie in these buffers of the
   * kernel, which count as the container's memory.
   */
  @Bean
  WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> sendBuffers() {
    return factory ->
        factory.addConnectorCustomizers(
            connector -> connector.setProperty("socket.txBufSize", SEND_BUFFER));
  }

  private static void reportAsProblems(Context context, ProblemWriter problems) {
    if (context.getParent() instanceof StandardHost host) {
      // Last in the pipeline, so that it runs before the valve that Spring Boot adds.
      host.getPipeline().addValve(new ProblemReportValve(problems));
      host.getPipeline().addValve(new CutConnectionValve());
      host.setErrorReportValveClass(ProblemReportValve.class.getName());
    }
  }
}
