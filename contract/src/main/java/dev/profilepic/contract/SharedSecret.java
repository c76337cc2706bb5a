package dev.profilepic.contract;

/** The rule for secrets that receiver and worker are configured with alike. */
public final class SharedSecret {

  private static final int SHORTEST = 16;

  private SharedSecret() {}

  /**
   * A check of its own and no annotation: the report of a failed one would print the secret.
   *
   * @param variable the environment variable that sets the property
   * @throws IllegalArgumentException when it could be guessed; names the property, and never the
   *     secret
   */
  public static void check(String secret, String property, String variable) {
    if (secret.length() < SHORTEST) {
      throw new IllegalArgumentException(
          property
              + " must have at least "
              + SHORTEST
              + " characters, the same for receiver and worker; set "
              + variable);
    }
  }
}
