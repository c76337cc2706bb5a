package dev.profilepic.receiver.http;

import java.io.EOFException;
import java.util.Optional;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.web.firewall.RequestRejectedException;

/**
 * Recognises requests that cannot be read and that Tomcat and Spring detect late. They decode
 * parameters, headers and bodies on first use, and then throw into the code that reads.
 */
final class UnreadableRequest {

  private UnreadableRequest() {}

  /**
   * @return the answer when the cause of the failure is such a request; else empty
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
