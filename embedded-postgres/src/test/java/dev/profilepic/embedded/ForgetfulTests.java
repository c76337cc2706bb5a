package dev.profilepic.embedded;

import java.sql.SQLException;

/**
 * A test run that closes nothing. It is a program, because the tested behaviour happens when a JVM
 * ends.
 */
final class ForgetfulTests {

  private ForgetfulTests() {}

  /** Prints the name of the test database, so that the test can look for it. */
  public static void main(String[] args) throws SQLException {
    try (var connection = TestDatabase.migrated().dataSource().getConnection()) {
      System.out.println("database: " + connection.getCatalog());
    }
  }
}
