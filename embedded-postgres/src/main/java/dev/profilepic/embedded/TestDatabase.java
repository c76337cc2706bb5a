package dev.profilepic.embedded;

import dev.profilepic.migrations.LeadsTable;
import dev.profilepic.migrations.MigrationsAutoConfiguration;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A fresh database for a test class: the real PostgreSQL, the real PGMQ, all migrations. The first
 * database of a JVM is migrated; later databases are copies of it. A database that is not closed
 * when the JVM ends is dropped then.
 */
public final class TestDatabase implements AutoCloseable {

  private static final Set<TestDatabase> OPEN = ConcurrentHashMap.newKeySet();

  static {
    // Other servers end together with the JVM, and their databases with them.
    if (TestServer.get().outlivesTests()) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> OPEN.forEach(TestDatabase::close)));
    }
  }

  private final String name;
  private final KeptSessions sessions;

  private TestDatabase(String name) {
    this.name = name;
    this.sessions = new KeptSessions(jdbcUrl());
  }

  /**
   * Returns a database with all migrations applied. They made its table {@code public.leads}, which
   * has no triggers.
   */
  public static TestDatabase migrated() {
    return create(Template.NAME);
  }

  /** Returns such a database as a CRM has it: with our triggers on {@code public.leads}. */
  public static TestDatabase migratedWithTriggers() {
    return create(TemplateWithTriggers.NAME);
  }

  /** Returns an empty database, for tests of the migrations themselves. */
  public static TestDatabase empty() {
    return create("template0");
  }

  /** Returns the JDBC url, credentials included. */
  public String jdbcUrl() {
    return urlOf(name);
  }

  /**
   * Returns sessions that are used again, each as if it were new. Tests that call many of our
   * functions take a tenth of the time with them.
   */
  public DataSource sessions() {
    return sessions;
  }

  /** Lets settings of the database or of a role, changed by a test, reach all sessions. */
  public void startSessionsAnew() {
    sessions.forget();
  }

  /** Returns sessions that each caller starts and ends. */
  public PGSimpleDataSource dataSource() {
    var dataSource = new PGSimpleDataSource();
    dataSource.setUrl(jdbcUrl());
    return dataSource;
  }

  /** Returns the settings that name {@code public.leads}, which the migrations create. */
  public static LeadsTable leads(boolean triggers) {
    return new LeadsTable(
        "public.leads",
        "id",
        "phone",
        "instance_id",
        "profile_pic_url",
        "profile_pic_storage_path",
        "updated_at",
        "name",
        triggers,
        true);
  }

  /** Applies the migrations for a CRM with this table. */
  public void migrate(LeadsTable leads) {
    MigrationsAutoConfiguration.configure(Flyway.configure(), leads)
        .dataSource(dataSource())
        .load()
        .migrate();
  }

  /** Drops the database even while clients are connected. */
  @Override
  public void close() {
    sessions.close();
    admin("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    OPEN.remove(this);
  }

  private static TestDatabase create(String template) {
    var name = "test_" + UUID.randomUUID().toString().replace("-", "");
    admin("CREATE DATABASE " + name + " TEMPLATE " + template);
    var database = new TestDatabase(name);
    OPEN.add(database);
    return database;
  }

  private static void admin(String sql) {
    try (Connection connection = DriverManager.getConnection(TestServer.get().adminUrl());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException("the test database refused: " + sql, failure);
    }
  }

  private static String urlOf(String database) {
    var admin = URI.create(TestServer.get().adminUrl().substring("jdbc:".length()));
    var query = admin.getRawQuery() == null ? "" : "?" + admin.getRawQuery();
    return "jdbc:postgresql://" + admin.getAuthority() + "/" + database + query;
  }

  private static String template(boolean triggers) {
    var template = TestDatabase.empty();
    template.migrate(leads(triggers));
    return template.name;
  }

  private static final class Template {
    private static final String NAME = template(false);
  }

  private static final class TemplateWithTriggers {
    private static final String NAME = template(true);
  }
}
