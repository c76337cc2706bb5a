package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;

/**
 * The user who looks at a page.
 *
 * @param name of the key
 * @param operates whether the user may act
 * @param bound whether the user sees single instances only
 */
record Viewer(String name, boolean operates, boolean bound) {

  static Viewer of(Caller caller) {
    return new Viewer(
        caller.getPrincipal(),
        caller.getAuthorities().stream().anyMatch(scope -> "operate".equals(scope.getAuthority())),
        caller.isBound());
  }

  /** Returns whether the user may see keys and the audit log, which concern all instances. */
  public boolean administers() {
    return operates && !bound;
  }
}
