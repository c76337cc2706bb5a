package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;

/**
 * Who looks at a page.
 *
 * @param name of the key
 * @param operates whether it may act, too
 * @param bound whether it sees some instances only
 */
record Viewer(String name, boolean operates, boolean bound) {

  static Viewer of(Caller caller) {
    return new Viewer(
        caller.getPrincipal(),
        caller.getAuthorities().stream().anyMatch(scope -> "operate".equals(scope.getAuthority())),
        caller.isBound());
  }

  /** Keys and the log of actions tell of all instances. */
  public boolean administers() {
    return operates && !bound;
  }
}
