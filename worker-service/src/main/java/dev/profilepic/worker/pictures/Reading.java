package dev.profilepic.worker.pictures;

/** What a message was found to ask for. */
sealed interface Reading {

  /** A lead's picture. */
  record Task(LookupTask task) implements Reading {}

  /** Nobody's, and this is what becomes of it. */
  record Nobodys(Outcome outcome) implements Reading {}
}
