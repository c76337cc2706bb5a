package dev.profilepic.contract;

/** What a connection to the database leads to: {@code profile-pic.database.connection}. */
public enum DatabaseConnection {
  /** The server itself. */
  DIRECT("direct: each connection is the server's own"),

  /** A pooler that lends a connection of the server for as long as the client stays. */
  SESSION(
      "session: a pooler lends a connection of the server for as long as ours stays open, and has"
          + " only so many"),

  /**
   * A pooler that lends a connection of the server for one transaction only. Whatever would be kept
   * between two transactions is lost, or becomes somebody else's: LISTEN, SET, session locks,
   * prepared statements.
   */
  TRANSACTION(
      "transaction: a pooler gives each transaction another connection of the server, so messages"
          + " are polled for instead of listened to, and nothing is prepared");

  /** The property's name. */
  public static final String PROPERTY = "profile-pic.database.connection";

  private final String explained;

  DatabaseConnection(String explained) {
    this.explained = explained;
  }

  /** A sentence for the log, which begins with the word that the property holds. */
  public String explained() {
    return explained;
  }

  /** Whether what is set on a connection is still there in the next transaction. */
  public boolean keepsSessions() {
    return this != TRANSACTION;
  }
}
