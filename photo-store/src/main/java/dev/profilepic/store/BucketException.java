package dev.profilepic.store;

import java.io.IOException;

/**
 * Thrown when the bucket is unreachable or full, or refuses us. The exception's text names the
 * case, without secrets.
 */
public final class BucketException extends IOException {

  BucketException(String message) {
    super(message);
  }

  BucketException(String message, Throwable cause) {
    super(message, cause);
  }
}
