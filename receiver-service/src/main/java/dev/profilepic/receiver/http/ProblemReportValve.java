package dev.profilepic.receiver.http;

import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests that Tomcat itself refuses before any filter runs (a broken request line, header
 * or path) in the same form as all other errors. Tomcat's own pages are HTML and may name its
 * version.
 */
final class ProblemReportValve extends ErrorReportValve {

  private static final Logger log = LoggerFactory.getLogger(ProblemReportValve.class);

  private final ProblemWriter problems;

  ProblemReportValve(ProblemWriter problems) {
    this.problems = problems;
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable failure) {
    int status = response.getStatus();
    if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
      return;
    }
    try {
      problems.writeRefusal(status, response.getResponse());
      response.finishResponse();
    } catch (IOException gone) {
      log.debug("nobody hears the answer {}: {}", status, gone.getMessage());
    }
  }
}
