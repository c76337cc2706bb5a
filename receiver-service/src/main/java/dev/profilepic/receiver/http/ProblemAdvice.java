package dev.profilepic.receiver.http;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/** The only place where exceptions become answers. */
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

  private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

  private final ProblemWriter problems;

  ProblemAdvice(ProblemWriter problems) {
    this.problems = problems;
  }

  @ExceptionHandler
  ResponseEntity<Object> onProblem(ProblemException problem) {
    return problems.entity(problem);
  }

  /** Passes the exception on to Security's own filters, which answer it. */
  @ExceptionHandler
  void onAccessDenied(AccessDeniedException denied) {
    throw denied;
  }

  @ExceptionHandler({DataAccessException.class, TransactionException.class})
  ResponseEntity<Object> onDatabase(RuntimeException failure) {
    if (failure instanceof DataIntegrityViolationException
        || failure instanceof InvalidDataAccessResourceUsageException) {
      return onAnythingElse(failure);
    }
    if (failure instanceof QueryTimeoutException) {
      log.warn("a statement took too long: {}", rootMessage(failure));
      return problems.entity(
          new ProblemException(
              Problem.BUSY,
              "It took too long. Ask again later.",
              List.of(),
              Duration.ofSeconds(5)));
    }
    log.warn("the database did not answer: {}", rootMessage(failure));
    return problems.entity(ProblemException.unavailable());
  }

  @ExceptionHandler
  ResponseEntity<Object> onAnythingElse(Exception failure) {
    if (NestedExceptionUtils.getMostSpecificCause(failure) instanceof ProblemException problem) {
      return problems.entity(problem);
    }
    var unreadable = UnreadableRequest.behind(failure);
    if (unreadable.isPresent()) {
      return problems.entity(unreadable.get());
    }
    log.error("a request failed unexpectedly", failure);
    return problems.entity(
        new ProblemException(Problem.INTERNAL, "The log says more. Nothing was accepted."));
  }

  @Override
  protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
      HttpMessageNotReadableException failure,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    if (NestedExceptionUtils.getMostSpecificCause(failure) instanceof ProblemException problem) {
      return problems.entity(problem);
    }
    return problems.entity(new ProblemException(Problem.INVALID, "The body must be valid JSON."));
  }

  /**
   * Answers calls that Spring MVC itself refuses: wrong methods, media types, paths, parameters.
   */
  @Override
  protected @Nullable ResponseEntity<Object> handleExceptionInternal(
      Exception failure,
      @Nullable Object body,
      HttpHeaders headers,
      HttpStatusCode status,
      WebRequest request) {
    var refused =
        switch (status.value()) {
          case 404 -> new ProblemException(Problem.NOT_FOUND, "There is nothing at this path.");
          case 405 ->
              new ProblemException(
                  Problem.METHOD_NOT_ALLOWED, "Allowed: " + headers.getFirst(HttpHeaders.ALLOW));
          case 406 -> new ProblemException(Problem.NOT_ACCEPTABLE, "Accept application/json.");
          case 415 ->
              new ProblemException(
                  Problem.UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json.");
          default -> null;
        };
    if (refused == null && status.is4xxClientError()) {
      refused = new ProblemException(Problem.INVALID, "A parameter of the request is not valid.");
    }
    if (refused == null) {
      return onAnythingElse(failure);
    }
    var answer = problems.entity(refused);
    var allowed = headers.getFirst(HttpHeaders.ALLOW);
    return allowed == null
        ? answer
        : ResponseEntity.status(answer.getStatusCode())
            .headers(answer.getHeaders())
            .header(HttpHeaders.ALLOW, allowed)
            .body(answer.getBody());
  }

  private static @Nullable String rootMessage(Throwable failure) {
    return NestedExceptionUtils.getMostSpecificCause(failure).getMessage();
  }
}
