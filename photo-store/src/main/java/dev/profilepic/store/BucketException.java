package dev.profilepic.store;

import java.io.IOException;

/**
 * The bucket is unreachable, full, or refuses us. The message says which of these, without secrets.
 */
public final class BucketException extends IOException {

  BucketException(String message) {
    super(message);
  }

  BucketException(String message, Throwable cause) {
    super(message, cause);
  }
}
