package dev.profilepic.worker.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Connections that count the rows touched by all plans behind their statements, including the plans
 * of functions. The count is a measure of work that does not depend on the machine.
 */
final class PlanRows extends DelegatingDataSource {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private double rows;

  PlanRows(DataSource database) {
    super(database);
  }

  /** Returns the number of rows that an action touches. */
  double of(Runnable action) {
    rows = 0;
    action.run();
    assertThat(rows).isPositive();
    return rows;
  }

  @Override
  public Connection getConnection() throws SQLException {
    var connection = super.getConnection();
    try (var statement = connection.createStatement()) {
      for (var setting :
          List.of(
              "LOAD 'auto_explain'",
              "SET auto_explain.log_min_duration = 0",
              "SET auto_explain.log_analyze = on",
              "SET auto_explain.log_timing = off",
              "SET auto_explain.log_nested_statements = on",
              "SET auto_explain.log_format = json",
              "SET auto_explain.log_level = notice")) {
        statement.execute(setting);
      }
    }
    return listening(Connection.class, connection);
  }

  /** Wraps an object so that its statements are counted when they are closed. */
  private <T> T listening(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              if (target instanceof Statement statement && method.getName().equals("close")) {
                count(statement);
              }
              try {
                return switch (method.invoke(target, arguments)) {
                  case PreparedStatement made -> listening(PreparedStatement.class, made);
                  case Statement made -> listening(Statement.class, made);
                  case null -> null;
                  case Object other -> other;
                };
              } catch (InvocationTargetException failure) {
                throw failure.getCause();
              }
            }));
  }

  private void count(Statement statement) throws SQLException {
    if (statement.isClosed()) {
      return;
    }
    for (@Nullable SQLWarning notice = statement.getWarnings();
        notice != null;
        notice = notice.getNextWarning()) {
      var text = String.valueOf(notice.getMessage());
      int plan = text.indexOf('{');
      if (text.contains("plan:") && plan >= 0) {
        rows += rows(JSON.readTree(text.substring(plan)).path("Plan"));
      }
    }
  }

  private static double rows(JsonNode plan) {
    double touched =
        plan.path("Actual Rows").asDouble()
            + plan.path("Rows Removed by Filter").asDouble()
            + plan.path("Rows Removed by Join Filter").asDouble()
            + plan.path("Rows Removed by Index Recheck").asDouble();
    double rows = touched * plan.path("Actual Loops").asDouble();
    for (var inner : plan.path("Plans")) {
      rows += rows(inner);
    }
    return rows;
  }
}
