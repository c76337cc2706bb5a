package dev.profilepic.receiver.http;

import java.net.URI;
import java.util.Locale;
import org.springframework.http.HttpStatus;

/** All kinds of errors in the receiver's answers (RFC 9457). */
public enum Problem {
  INVALID(HttpStatus.BAD_REQUEST, "The request is invalid"),
  UNAUTHORIZED(HttpStatus.UNAUTHORIZED, "No valid key or signature"),
  FORBIDDEN(HttpStatus.FORBIDDEN, "The key may not do this"),
  NOT_FOUND(HttpStatus.NOT_FOUND, "Not found"),
  UNKNOWN_LEAD(HttpStatus.NOT_FOUND, "The CRM has no such lead"),
  METHOD_NOT_ALLOWED(HttpStatus.METHOD_NOT_ALLOWED, "The method is not allowed here"),
  NOT_ACCEPTABLE(HttpStatus.NOT_ACCEPTABLE, "The answer is JSON only"),
  TIMEOUT(HttpStatus.REQUEST_TIMEOUT, "The request did not arrive in time"),
  CONFLICT(HttpStatus.CONFLICT, "The state does not allow this"),
  ERASED(HttpStatus.CONFLICT, "The person asked to be forgotten"),
  IDEMPOTENCY_KEY_REUSED(
      HttpStatus.UNPROCESSABLE_CONTENT, "The idempotency key was used for another request"),
  TOO_LARGE(HttpStatus.CONTENT_TOO_LARGE, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON"),
  TOO_MANY_REQUESTS(HttpStatus.TOO_MANY_REQUESTS, "Too many requests"),
  INTERNAL(HttpStatus.INTERNAL_SERVER_ERROR, "Something went wrong here"),
  BUSY(HttpStatus.SERVICE_UNAVAILABLE, "Too much at once"),
  UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "The database is away");

  private final HttpStatus status;
  private final String title;

  Problem(HttpStatus status, String title) {
    this.status = status;
    this.title = title;
  }

  /** Returns the kind for an HTTP status when the status is all that is known. */
  static Problem ofStatus(int status) {
    return switch (status) {
      case 401 -> UNAUTHORIZED;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 408 -> TIMEOUT;
      case 413 -> TOO_LARGE;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 503 -> UNAVAILABLE;
      // 501 and 505 are the caller's errors: an unsupported transfer encoding or protocol.
      default -> status < 500 || status == 501 || status == 505 ? INVALID : INTERNAL;
    };
  }

  public HttpStatus status() {
    return status;
  }

  String title() {
    return title;
  }

  /**
   * Returns for example {@code urn:profile-pic:problem:unknown-lead}; stable, so callers may branch
   * on it.
   */
  URI type() {
    return URI.create(
        "urn:profile-pic:problem:" + name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }
}
