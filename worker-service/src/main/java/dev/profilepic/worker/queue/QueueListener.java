package dev.profilepic.worker.queue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/**
 * Rings when a message was enqueued. It uses LISTEN on its own connection, which is opened again
 * after any fault. Ringing late or too often is harmless, and polling goes on when listening fails.
 */
final class QueueListener implements EngineLoop.Step {

  private static final Logger log = LoggerFactory.getLogger(QueueListener.class);
  private static final Duration CHECK = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final JdbcConnectionDetails database;
  private final Consumer<String> rung;
  private Duration pause = Duration.ofSeconds(1);

  /**
   * @param rung receives the payload of each notification; {@code *} after any fault
   */
  QueueListener(JdbcConnectionDetails database, Consumer<String> rung) {
    this.database = database;
    this.rung = rung;
  }

  /** Listens until its connection fails or it is interrupted. */
  @Override
  public void run() throws InterruptedException {
    try (var connection = open()) {
      pause = Duration.ofSeconds(1);
      // Notifications may have been sent while no connection listened.
      rung.accept("*");
      listen(connection);
    } catch (SQLException failure) {
      log.warn("not listening for new messages, polling only: {}", failure.getMessage());
    }
    TimeUnit.MILLISECONDS.sleep(pause.toMillis());
    pause =
        pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
  }

  private void listen(Connection connection) throws SQLException {
    var notifications = connection.unwrap(PGConnection.class);
    while (!Thread.currentThread().isInterrupted()) {
      var heard = notifications.getNotifications((int) CHECK.toMillis());
      for (var notification : heard) {
        rung.accept(notification.getParameter());
      }
      if (heard.length > 0) {
        continue;
      }
      if (!connection.isValid((int) CHECK.toSeconds())) {
        // A half-open connection never fails by itself. It only never notifies.
        throw new SQLException("the listening connection is gone");
      }
    }
  }

  private Connection open() throws SQLException {
    var settings = new Properties();
    put(settings, "user", database.getUsername());
    put(settings, "password", database.getPassword());
    settings.setProperty("ApplicationName", "profile-pic worker: listener");
    settings.setProperty("tcpKeepAlive", "true");
    settings.setProperty("connectTimeout", "10");
    var connection = DriverManager.getConnection(database.getJdbcUrl(), settings);
    try (var statement = connection.createStatement()) {
      statement.execute("LISTEN profile_pic_queue");
    }
    return connection;
  }

  private static void put(
      Properties settings, String name, @org.jspecify.annotations.Nullable String value) {
    if (value != null && !value.isEmpty()) {
      settings.setProperty(name, value);
    }
  }
}
