package dev.profilepic.contract;

/**
 * The server or pooler that a database connection reaches: {@code profile-pic.database.connection}.
 */
public enum DatabaseConnection {
  /** The server itself. */
  DIRECT("direct: each connection is the server's own"),

  /** A pooler that lends the client one server connection for as long as the client stays. */
  SESSION(
      "session: a pooler lends a connection of the server for as long as ours stays open, and has"
          + " only so many"),

  /**
   * A pooler that lends a server connection for one transaction only. State that lives between two
   * transactions is lost, or reaches another client: LISTEN, SET, session locks, prepared
   * statements.
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

  /** Returns a sentence for the log. It begins with the property's value. */
  public String explained() {
    return explained;
  }

  /** Returns whether a connection's settings are still there in the next transaction. */
  public boolean keepsSessions() {
    return this != TRANSACTION;
  }
}
