package dev.profilepic.contract;

/** The rule for secrets that receiver and worker share. */
public final class SharedSecret {

  private static final int SHORTEST = 16;

  private SharedSecret() {}

  /**
   * Checks a secret by hand and not by annotation: the report of a failed annotation would print
   * the secret.
   *
   * @param variable the environment variable that sets the property
   * @throws IllegalArgumentException when the secret could be guessed; names the property, and
   *     never the secret
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
