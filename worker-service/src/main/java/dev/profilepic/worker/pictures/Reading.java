package dev.profilepic.worker.pictures;

/** What a message asks for. */
sealed interface Reading {

  /** A lead's picture. */
  record Task(LookupTask task) implements Reading {}

  /** Nobody's picture; the message ends in this outcome. */
  record Nobodys(Outcome outcome) implements Reading {}
}
