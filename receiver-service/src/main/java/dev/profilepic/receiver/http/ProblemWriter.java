package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Turns problems into answers: entities for controllers, direct output for filters. */
@Component
public class ProblemWriter {

  private final JsonMapper json;

  ProblemWriter(JsonMapper json) {
    this.json = json;
  }

  ResponseEntity<Object> entity(ProblemException problem) {
    var headers = new HttpHeaders();
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    var retryAfter = problem.retryAfter();
    if (retryAfter != null) {
      headers.set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, retryAfter.toSeconds())));
    }
    if (problem.problem() == Problem.UNAUTHORIZED) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    return new ResponseEntity<>(body(problem), headers, problem.problem().status());
  }

  /** Answers from code outside of any controller. */
  public void write(ProblemException problem, HttpServletResponse response) throws IOException {
    if (response.isCommitted()) {
      return;
    }
    var entity = entity(problem);
    response.setStatus(entity.getStatusCode().value());
    entity.getHeaders().forEach((name, values) -> response.setHeader(name, values.getFirst()));
    response.getOutputStream().write(json.writeValueAsBytes(entity.getBody()));
  }

  /**
   * Answers a request that the container refused.
   *
   * @param status the container's choice; kept
   */
  void writeRefusal(int status, HttpServletResponse response) throws IOException {
    var kind = Problem.ofStatus(status);
    var body =
        body(
            new ProblemException(
                kind,
                kind == Problem.INTERNAL
                    ? "The log says more. Nothing was accepted."
                    : "The request could not be read. Nothing was accepted."));
    body.setStatus(status);
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    response.getOutputStream().write(json.writeValueAsBytes(body));
  }

  private static ProblemDetail body(ProblemException problem) {
    var kind = problem.problem();
    var detail = ProblemDetail.forStatusAndDetail(kind.status(), problem.getMessage());
    detail.setType(kind.type());
    detail.setTitle(kind.title());
    // Existing callers check `success`. `success` and `errors` are part of the contract.
    detail.setProperty("success", false);
    detail.setProperty("errors", problem.errors());
    return detail;
  }
}
