package dev.profilepic.receiver.http;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends a call with a problem. It has no stack trace, because it is an answer and not a fault. */
public final class ProblemException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final transient List<FieldError> errors;
  private final @Nullable Duration retryAfter;

  /**
   * @param detail a sentence for the caller: what is wrong and what to do; repeats no secret
   */
  public ProblemException(Problem problem, String detail) {
    this(problem, detail, List.of(), null);
  }

  public ProblemException(
      Problem problem, String detail, List<FieldError> errors, @Nullable Duration retryAfter) {
    super(detail, null, false, false);
    this.problem = problem;
    this.errors = List.copyOf(errors);
    this.retryAfter = retryAfter;
  }

  /** Reports a body whose fields are wrong. */
  public static ProblemException invalid(List<FieldError> errors) {
    return new ProblemException(
        Problem.INVALID, "Correct the fields named in errors, then send it again.", errors, null);
  }

  /**
   * Reports that the database is away or too slow to answer. Whether anything was written is
   * unknown.
   */
  public static ProblemException unavailable() {
    return new ProblemException(
        Problem.UNAVAILABLE, "Send it again after Retry-After.", List.of(), Duration.ofSeconds(2));
  }

  public Problem problem() {
    return problem;
  }

  public List<FieldError> errors() {
    return errors;
  }

  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
