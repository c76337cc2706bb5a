package dev.profilepic.faults;

/**
 * A fault that lasts for a while, and is over when its action returns.
 *
 * @param name the name in the table
 */
record Fault(String name, Action action) {

  /**
   * An action that may fail when another fault interferes. It must leave nothing broken in that
   * case.
   */
  @FunctionalInterface
  interface Action {
    void strike() throws Exception;
  }
}
