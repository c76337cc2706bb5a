package dev.profilepic.embedded;

import java.sql.SQLException;

/** A test run that closes nothing; a program, because what is tested happens when a JVM ends. */
final class ForgetfulTests {

  private ForgetfulTests() {}

  /** Prints the name of the database that its test database is, so that it can be looked for. */
  public static void main(String[] args) throws SQLException {
    try (var connection = TestDatabase.migrated().dataSource().getConnection()) {
      System.out.println("database: " + connection.getCatalog());
    }
  }
}
