package dev.profilepic.receiver.http;

import org.apache.catalina.Context;
import org.apache.catalina.core.StandardHost;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** What of Tomcat cannot be set by a property. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

  @Bean
  @Order(Ordered.LOWEST_PRECEDENCE)
  WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> problemReports(
      ProblemWriter problems) {
    return factory -> factory.addContextCustomizers(context -> reportAsProblems(context, problems));
  }

  private static void reportAsProblems(Context context, ProblemWriter problems) {
    if (context.getParent() instanceof StandardHost host) {
      // Last in the pipeline, so it is asked before the one that Spring Boot adds.
      host.getPipeline().addValve(new ProblemReportValve(problems));
      host.setErrorReportValveClass(ProblemReportValve.class.getName());
    }
  }
}
