package dev.profilepic.receiver.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.support.ReceiverTest;
import java.sql.Connection;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.postgresql.jdbc.PgConnection;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

class DatabaseCallsTest extends ReceiverTest {

  @Autowired private DatabaseCalls calls;
  @Autowired private JdbcTemplate receiver;

  @Test
  void aCallThatLastsTooLongIsCutAndSoIsItsConnection() {
    var used = new AtomicReference<Connection>();

    assertThatThrownBy(() ->
            calls.inThisThread(
                receiver,
                (ConnectionCallback<Boolean>)
                    connection -> {
                      used.set(connection.unwrap(PgConnection.class));
                      return run(connection, "SELECT pg_sleep(3600)");
                    }))
        .isInstanceOfSatisfying(
            ProblemException.class,
            problem ->
                assertThat(problem.problem()).isEqualTo(ProblemException.unavailable().problem()));
    assertThat(used.get()).satisfies(connection -> assertThat(connection.isClosed()).isTrue());
  }

  @Test
  void aCallThatFailsKeepsItsReasonAndTheNextOneIsAnswered() {
    assertThatThrownBy(() ->
            calls.inThisThread(
                receiver,
                (ConnectionCallback<Boolean>) connection -> run(connection, "SELECT 1 / 0")))
        .isInstanceOf(DataAccessException.class)
        .hasMessageContaining("division by zero");

    assertThat(calls.<Boolean>inThisThread(receiver, connection -> run(connection, "SELECT 1")))
        .isTrue();
  }

  private static boolean run(Connection connection, String sql) throws java.sql.SQLException {
    try (var statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }
}
