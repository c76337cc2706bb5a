package dev.profilepic.receiver.auth;

import java.util.Set;

/** Makes callers for tests of other packages. */
public final class Callers {

  private Callers() {}

  /** Returns a caller whose key has this name. */
  public static Caller named(String name) {
    return new Caller(
        new ApiKey(
            (long) name.hashCode(),
            name,
            ApiKey.Digest.of(name),
            Set.of("ingest"),
            Set.of(),
            null));
  }
}
