package dev.profilepic.receiver.database;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The database as operators' calls use it: a few separate connections to the same database, and
 * statements with a time limit. The events' connections stay free, for any number of operators'
 * calls and any waits of these calls.
 *
 * <p>This is no bean of type {@code DataSource}: the health check would query such a bean too, and
 * waiting operators would make the receiver unready.
 */
@Component
public class OperatorDatabase implements DisposableBean {

  private static final Logger log = LoggerFactory.getLogger(OperatorDatabase.class);

  /**
   * The time after which a statement ends and its caller is answered 503. In whole seconds. It is
   * well below the socket's own timeout (10 s), which would cost the connection.
   */
  private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(5);

  private final HikariDataSource pool;
  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;

  OperatorDatabase(DataSource events, DatabaseProperties properties, MeterRegistry meters)
      throws SQLException {
    log.info("connections to the database are {}", properties.connection().explained());
    this.pool = poolLike(events.unwrap(HikariDataSource.class), properties);
    pool.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(meters));
    var template = new JdbcTemplate(pool);
    // Asks the server to stop the statement. The server's own timeout covers a lost cancellation.
    template.setQueryTimeout(Math.toIntExact(STATEMENT_TIMEOUT.toSeconds()));
    this.jdbc = JdbcClient.create(template);
    this.transaction = new TransactionTemplate(new JdbcTransactionManager(pool));
  }

  /** Returns the client for statements of operators' calls. */
  public JdbcClient jdbc() {
    return jdbc;
  }

  /** Returns the template for transactions of operators' calls. */
  public TransactionTemplate transaction() {
    return transaction;
  }

  @Override
  public void destroy() {
    pool.close();
  }

  /** Connects on first use, so the receiver starts without its database. */
  private static HikariDataSource poolLike(HikariDataSource events, DatabaseProperties properties) {
    var pool = new HikariDataSource();
    events.copyStateTo(pool);
    pool.setPoolName(events.getPoolName() + "-operators");
    pool.setMaximumPoolSize(properties.operators().connections());
    pool.setMinimumIdle(0);
    // Behind a pooler in transaction mode the settings of a session would reach another client.
    // Without prepared statements we assume such a pooler. The client alone then asks the server to
    // stop a statement.
    if (properties.connection().keepsSessions()
        && !"0".equals(String.valueOf(events.getDataSourceProperties().get("prepareThreshold")))) {
      var timeout = "SET statement_timeout = " + STATEMENT_TIMEOUT.toMillis();
      var init = events.getConnectionInitSql();
      pool.setConnectionInitSql(init == null ? timeout : init + "; " + timeout);
    }
    return pool;
  }
}
