package dev.profilepic.migrations;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes all of our objects from a database in one transaction: the triggers on the CRM's table,
 * schema {@code profile_pic}, both queues, and the roles that no other database uses. The CRM's
 * rows are not touched. Our columns in its table go only on request.
 *
 * <p>Locks: ACCESS EXCLUSIVE on the CRM's table and on all of our objects. Each wait for a lock has
 * a lock_timeout of 2 s, and no lock is held between two tries.
 */
final class Uninstall {

  /**
   * How long another session may hold a lock that we need: 20 tries of 2 s each, with a pause of 1
   * s.
   */
  static final Patience A_MINUTE = new Patience(20, Duration.ofSeconds(2), Duration.ofSeconds(1));

  private static final String LOCK_NOT_AVAILABLE = "55P03";
  private static final String DEADLOCK = "40P01";
  private static final String OUR_TABLES =
      "SELECT c.oid FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('profile_pic')"
          + " OR c.oid IN (to_regclass('pgmq.q_profile_pic_queue'), to_regclass('pgmq.q_profile_pic_dlq'),"
          + " to_regclass('pgmq.a_profile_pic_queue'), to_regclass('pgmq.a_profile_pic_dlq'))";
  private static final String OUR_FUNCTIONS =
      "SELECT p.oid FROM pg_proc AS p WHERE p.pronamespace = to_regnamespace('profile_pic')";

  private static final String OUR_TRIGGERS =
      """
      SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass)
      FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
      WHERE t.tgfoid IN (OUR_FUNCTIONS) AND NOT t.tgisinternal AND t.tgparentid = 0
        AND c.relnamespace IS DISTINCT FROM to_regnamespace('profile_pic')
      ORDER BY 1
      """
          .replace("OUR_FUNCTIONS", OUR_FUNCTIONS);

  /** Our columns, by the mark that columns.sql sets on them. */
  private static final String OUR_COLUMNS =
      """
      SELECT format('%s DROP COLUMN %I', a.attrelid::regclass, a.attname)
      FROM pg_description AS d
      JOIN pg_attribute AS a ON a.attrelid = d.objoid AND a.attnum = d.objsubid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE d.classoid = 'pg_class'::regclass AND d.description = 'added by profile-pic'
      ORDER BY a.attrelid, a.attnum
      """;

  /** Foreign objects that depend on our objects: views, functions, rules and the like. */
  private static final String DEPENDENTS =
      """
      SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0)
      FROM pg_depend AS d
      LEFT JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
      LEFT JOIN pg_class AS v ON v.oid = r.ev_class OR (d.classid = 'pg_class'::regclass AND v.oid = d.objid)
      LEFT JOIN pg_proc AS p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
      LEFT JOIN pg_constraint AS o ON d.classid = 'pg_constraint'::regclass AND o.oid = d.objid
      LEFT JOIN pg_policy AS y ON d.classid = 'pg_policy'::regclass AND y.oid = d.objid
      LEFT JOIN pg_attrdef AS f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
      LEFT JOIN pg_class AS c ON c.oid = coalesce(v.oid, o.conrelid, y.polrelid, f.adrelid)
      WHERE d.deptype = 'n' AND (d.refclassid = 'pg_class'::regclass AND d.refobjid IN (OUR_TABLES)
          OR d.refclassid = 'pg_proc'::regclass AND d.refobjid IN (OUR_FUNCTIONS)
          OR d.refclassid = 'pg_type'::regclass
             AND d.refobjid IN (SELECT t.oid FROM pg_type AS t WHERE t.typnamespace = to_regnamespace('profile_pic')))
        AND coalesce(c.relnamespace, p.pronamespace) IS DISTINCT FROM to_regnamespace('profile_pic')
        AND coalesce(c.oid, p.oid) IS NOT NULL
      ORDER BY 1
      """
          .replace("OUR_TABLES", OUR_TABLES)
          .replace("OUR_FUNCTIONS", OUR_FUNCTIONS);

  private static final String SERVICES =
      """
      SELECT format('%s (processes %s)', a.application_name, string_agg(a.pid::text, ', ' ORDER BY a.pid)) FROM pg_stat_activity AS a
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND (a.application_name IN ('profile-pic worker', 'profile-pic-receiver')
          OR a.usename IN ('profile_pic_receiver', 'profile_pic_worker'))
      GROUP BY a.application_name ORDER BY 1
      """;

  private static final String HOLDERS =
      """
      SELECT DISTINCT l.pid::text FROM pg_locks AS l
      WHERE l.granted AND l.pid <> pg_backend_pid() AND l.locktype = 'relation'
        AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())
        AND (l.relation IN (OUR_TABLES) OR l.relation IN (SELECT t.tgrelid FROM pg_trigger AS t WHERE t.tgfoid IN (OUR_FUNCTIONS)))
      """
          .replace("OUR_TABLES", OUR_TABLES)
          .replace("OUR_FUNCTIONS", OUR_FUNCTIONS);

  private static final String QUEUES =
      """
      SELECT format('SELECT pgmq.drop_queue(%L)', q) FROM unnest(ARRAY['profile_pic_queue', 'profile_pic_dlq']) AS q
      WHERE to_regclass('pgmq.q_' || q) IS NOT NULL
      """;

  private static final String ROLES =
      """
      SELECT r.rolname FROM pg_roles AS r
      WHERE r.rolname IN ('profile_pic_receiver', 'profile_pic_worker', 'profile_pic_crm', 'profile_pic_owner') ORDER BY 1
      """;

  /** The reasons why a role stays: other databases use it, or it owns objects here. */
  private static final String ROLE_IS_USED =
      """
      SELECT DISTINCT coalesce('database ' || o.datname,
        CASE WHEN d.deptype = 'o' THEN pg_describe_object(d.classid, d.objid, d.objsubid) END)
      FROM pg_shdepend AS d LEFT JOIN pg_database AS o ON o.oid = d.dbid AND o.datname <> current_database()
      WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = %s)
        AND (o.oid IS NOT NULL OR d.deptype = 'o')
      ORDER BY 1
      """;

  /**
   * Further objects to remove.
   *
   * @param columns the columns that we added to the CRM's table
   * @param bridge the bridge's schema and role, with the sessions of all WhatsApp numbers
   */
  record Options(boolean columns, boolean bridge) {}

  /**
   * @param tries at least 1
   * @param lockWait how long to wait for each lock
   * @param pause between two tries
   */
  record Patience(int tries, Duration lockWait, Duration pause) {}

  /** Thrown when nothing was removed. The message gives the reason and the remedy. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String message) {
      super(message);
    }
  }

  private final Connection connection;
  private final Options options;
  private final Patience patience;
  private final PrintStream out;

  Uninstall(Connection connection, Options options, Patience patience, PrintStream out) {
    this.connection = connection;
    this.options = options;
    this.patience = patience;
    this.out = out;
  }

  /**
   * Removes everything, or nothing.
   *
   * @throws Refused when other sessions or other objects are in the way
   */
  void run() throws SQLException, Refused, InterruptedException {
    connection.setAutoCommit(false);
    for (int left = patience.tries(); ; left--) {
      try {
        var done = attempt();
        connection.commit();
        done.forEach(out::println);
        return;
      } catch (SQLException failure) {
        connection.rollback();
        if (!List.of(LOCK_NOT_AVAILABLE, DEADLOCK).contains(failure.getSQLState())) {
          throw failure;
        }
        var holders = column(HOLDERS);
        connection.rollback();
        if (left <= 1) {
          throw new Refused(
              "others hold the tables; nothing was removed. Let the transactions of these processes"
                  + " end, then try again: "
                  + String.join(", ", holders));
        }
      }
      Thread.sleep(patience.pause());
    }
  }

  /** Makes one try. Returns the steps that were carried out, in their order. */
  private List<String> attempt() throws SQLException, Refused {
    var done = new ArrayList<String>();
    execute("SET LOCAL lock_timeout = '" + patience.lockWait().toMillis() + "ms'");
    refuseIf(column(SERVICES), "services are still connected: stop them, then try again: ");
    refuseIf(
        column(DEPENDENTS),
        "objects that are not ours use ours: drop or change them, then try again: ");

    // The CRM's table first: we hold nothing else while we wait for its lock.
    for (var command : column(OUR_TRIGGERS)) {
      execute(command);
      done.add(command);
    }
    for (var column : column(OUR_COLUMNS)) {
      if (options.columns()) {
        execute("ALTER TABLE " + column);
        done.add("ALTER TABLE " + column);
      } else {
        done.add("a column that we added stays: --drop-columns, or later ALTER TABLE " + column);
      }
    }
    drop("profile_pic", done);
    for (var command : column(QUEUES)) {
      execute(command);
      done.add(command);
    }
    var roles = column(ROLES);
    if (options.bridge()) {
      drop("bridge", done);
      roles.addAll(column("SELECT rolname FROM pg_roles WHERE rolname = 'profile_pic_bridge'"));
    } else if (!column("SELECT nspname FROM pg_namespace WHERE nspname = 'bridge'").isEmpty()) {
      done.add(
          "schema bridge stays, with the sessions of WhatsApp numbers: --drop-bridge drops it");
    }
    for (var role : roles) {
      done.add(dropRole(role));
    }
    return done;
  }

  private void drop(String schema, List<String> done) throws SQLException {
    if (!column("SELECT nspname FROM pg_namespace WHERE nspname = '" + schema + "'").isEmpty()) {
      execute("DROP SCHEMA " + schema + " CASCADE");
      done.add("DROP SCHEMA " + schema + " CASCADE");
    }
  }

  /** Removes a role where possible, and returns a sentence about the result. */
  private String dropRole(String role) throws SQLException {
    // DROP OWNED ends the role's rights and policies here. A role that owns objects here stays.
    var used = column(ROLE_IS_USED.formatted("'" + role + "'"));
    if (used.stream().allMatch(user -> user.startsWith("database "))) {
      becomeMemberOf(role);
      execute("DROP OWNED BY " + role);
    }
    if (!used.isEmpty()) {
      return "role " + role + " stays, it is used by: " + String.join(", ", used);
    }
    execute("DROP ROLE " + role);
    return "DROP ROLE " + role;
  }

  /**
   * Makes the current user a member of the role, because DROP OWNED needs the rights of the role.
   * The role's creator may do this.
   */
  private void becomeMemberOf(String role) throws SQLException {
    if (column("SELECT '' WHERE NOT pg_has_role(current_user, '" + role + "', 'USAGE')")
        .isEmpty()) {
      return;
    }
    boolean inherits = connection.getMetaData().getDatabaseMajorVersion() >= 16;
    execute("GRANT " + role + " TO CURRENT_USER" + (inherits ? " WITH INHERIT TRUE" : ""));
  }

  private static void refuseIf(List<String> found, String why) throws Refused {
    if (!found.isEmpty()) {
      throw new Refused(why + String.join(", ", found));
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> column(String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }
}
