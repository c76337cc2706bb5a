package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletRequest;
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
   * @throws ProblemException when it has what would fail behind us: a type that names none, or a
   *     NUL, which no text in PostgreSQL may have
   */
  static void refuse(HttpServletRequest request) {
    var type = request.getContentType();
    if (type != null && type.contains("*")) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json.");
    }
    var query = request.getQueryString();
    if (query != null && query.contains("%00")) {
      throw new ProblemException(Problem.INVALID, "A parameter has a NUL character: leave it out.");
    }
  }

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
