package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.web.firewall.RequestRejectedHandler;

/**
 * Answers 400, without a stack trace, to requests that the firewall refuses: paths that try to fool
 * the security filters, and headers with characters that are not allowed. The firewall checks a
 * header only when code reads it, which may be after the answer was written. That answer then
 * stays.
 */
@Configuration(proxyBeanMethods = false)
class RejectedRequests {

  @Bean
  RequestRejectedHandler requestRejectedHandler(ProblemWriter problems) {
    return (request, response, rejected) ->
        problems.write(
            new ProblemException(
                Problem.INVALID, "The request could not be read. Nothing was accepted."),
            response);
  }
}
