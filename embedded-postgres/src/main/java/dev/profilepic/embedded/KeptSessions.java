package dev.profilepic.embedded;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * The sessions of a test database, which are used again. A new session costs a process, a sign-in
 * and the plans of all functions that it calls: together many times as much as most statements of
 * tests.
 *
 * <p>Each session is handed out as if it were new: without a transaction, settings, locks or
 * temporary tables of those who had it before. Settings of the database or of a role that a test
 * changes do not reach the sessions that are there already; {@link #forget} ends those.
 */
final class KeptSessions extends DelegatingDataSource implements AutoCloseable {

  /** What DISCARD ALL does, except that the plans stay. */
  private static final String LIKE_NEW =
      "ROLLBACK; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES";

  private final HikariDataSource pool = new HikariDataSource();

  KeptSessions(String jdbcUrl) {
    pool.setJdbcUrl(jdbcUrl);
    // A statement that the driver prepared in a session would fail after a test changed its table.
    pool.addDataSourceProperty("prepareThreshold", "0");
    pool.setMinimumIdle(0);
    pool.setMaximumPoolSize(50);
    setTargetDataSource(pool);
  }

  @Override
  public Connection getConnection() throws SQLException {
    while (true) {
      var connection = super.getConnection();
      try (var statement = connection.createStatement()) {
        statement.execute(LIKE_NEW);
        return connection;
      } catch (SQLException ended) {
        // A test ended this session, or the whole server.
        pool.evictConnection(connection);
      }
    }
  }

  /** Ends the sessions that nobody uses. */
  void forget() {
    if (pool.isRunning()) {
      pool.getHikariPoolMXBean().softEvictConnections();
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
