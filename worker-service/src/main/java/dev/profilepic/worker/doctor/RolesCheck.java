package dev.profilepic.worker.doctor;

import java.sql.SQLException;
import java.util.List;

/** Checks that receiver and worker can log in and call the functions that they need. */
final class RolesCheck implements Check {

  private static final String INSUFFICIENT_PRIVILEGE = "42501";

  @Override
  public String name() {
    return "roles";
  }

  @Override
  public Need need() {
    return Need.SCHEMA;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    for (var role : List.of("profile_pic_receiver", "profile_pic_worker")) {
      var may = setup.database().text("SELECT rolcanlogin FROM pg_roles WHERE rolname = ?", role);
      if (may.isEmpty()) {
        notes.problem("the role " + role + " does not exist", "Run the migrations.");
      } else if (!may.equals("t")) {
        notes.problem("the role " + role + " may not log in", "ALTER ROLE " + role + " LOGIN;");
      } else if (canLogIn(role, setup.settings(), notes)) {
        rights(role, setup.database(), notes);
      }
    }
    notes.okIfNothingElse("receiver and worker may call what they need");
  }

  /** Tries the login, unless the doctor does not know the password. */
  private static boolean canLogIn(String role, Settings settings, Notes notes) {
    var password = settings.passwordOf(role);
    if (password == null) {
      return true;
    }
    try (var login = Database.connect(settings.databaseUrl(), role, password)) {
      login.text("SELECT 1");
      return true;
    } catch (SQLException refused) {
      notes.problem(
          role + " cannot log in: " + Database.why(refused),
          "ALTER ROLE " + role + " PASSWORD ...; in compose: docker compose up -d database-roles");
      return false;
    }
  }

  private static void rights(String role, Database database, Notes notes) throws SQLException {
    if (!database.isTrue("SELECT pg_has_role(current_user, ?, 'MEMBER')", role)) {
      notes.warning(
          "this user may not act as " + role + ", so its rights were not looked at",
          "Run the doctor as the user that runs the migrations (PROFILE_PIC_DATABASE_USER).");
      return;
    }
    try {
      database
          .inOneTransaction(it -> {
            it.execute("SET LOCAL ROLE " + role);
            return it.rows("SELECT problem, remedy FROM profile_pic.check_setup()");
          })
          .stream()
          // Other checks report the queue, row level security and the table.
          .filter(row -> row.at(0).contains(" may not "))
          .forEach(row -> notes.problem(row.at(0), row.at(1)));
    } catch (SQLException refused) {
      if (!INSUFFICIENT_PRIVILEGE.equals(refused.getSQLState())) {
        throw refused;
      }
      // From PostgreSQL 16 on, the creator of a role may grant the role, but needs such a grant to
      // act as the role.
      if (Database.why(refused).contains("set role")) {
        notes.warning(
            "this user may not act as " + role + ", so its rights were not looked at",
            "GRANT " + role + " TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;");
        return;
      }
      notes.problem(role + ": " + Database.why(refused), "Run the migrations again.");
    }
  }
}
