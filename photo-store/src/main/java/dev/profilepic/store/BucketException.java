package dev.profilepic.store;

import java.io.IOException;

/** The bucket is away, full, or refuses us; the message says which, without secrets. */
public final class BucketException extends IOException {

  BucketException(String message) {
    super(message);
  }

  BucketException(String message, Throwable cause) {
    super(message, cause);
  }
}
