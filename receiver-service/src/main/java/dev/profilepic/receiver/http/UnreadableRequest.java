package dev.profilepic.receiver.http;

import java.io.EOFException;
import java.util.Optional;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.web.firewall.RequestRejectedException;

/**
 * Requests that cannot be read, where Tomcat and Spring find out late: they decode parameters,
 * headers and bodies only when somebody asks for them, and then throw into whoever asked.
 */
final class UnreadableRequest {

  private UnreadableRequest() {}

  /**
   * @return what to answer, when such a request is the cause of the failure
   */
  static Optional<ProblemException> behind(Throwable failure) {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case InvalidParameterException parameter -> {
          return Optional.of(
              new ProblemException(
                  Problem.INVALID,
                  "A parameter cannot be read: send UTF-8, percent-encoded, and few parameters."));
        }
        case RequestRejectedException header -> {
          return Optional.of(
              new ProblemException(
                  Problem.INVALID, "A header or a parameter has characters that are not allowed."));
        }
        case BadRequestException body -> {
          return Optional.of(unreadableBody());
        }
        case EOFException cut -> {
          return Optional.of(unreadableBody());
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  private static ProblemException unreadableBody() {
    return new ProblemException(
        Problem.INVALID, "The body cannot be read: it is cut or its chunks are broken.");
  }
}
