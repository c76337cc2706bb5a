package dev.profilepic.faults;

/**
 * Something that goes wrong for a while, and is over when it returns.
 *
 * @param name as the table shows it
 */
record Fault(String name, Action action) {

  /** May fail itself, when another fault got in its way; must not leave anything broken then. */
  @FunctionalInterface
  interface Action {
    void strike() throws Exception;
  }
}
