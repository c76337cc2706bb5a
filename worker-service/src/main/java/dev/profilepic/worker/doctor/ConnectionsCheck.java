package dev.profilepic.worker.doctor;

import dev.profilepic.contract.DatabaseConnection;
import java.sql.SQLException;
import java.util.StringJoiner;

/**
 * Checks that the database, or the pooler in front of it, has as many connections as all parts use.
 */
final class ConnectionsCheck implements Check {

  /** As many connections as Supabase's pooler lends in session mode on its smallest machines. */
  private static final int OF_A_POOLER = 15;

  private static final String LIMIT = "PROFILE_PIC_DOCTOR_POOLER_LIMIT";

  /**
   * The lower of two limits: the server's connections, less those reserved for superusers and
   * privileged roles, and the database's connections. And the number of connections that clients
   * other than our services hold already.
   */
  private static final String ROOM =
      """
      SELECT least(
               current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer
                 - coalesce(current_setting('reserved_connections', true)::integer, 0),
               (SELECT nullif(d.datconnlimit, -1) FROM pg_database AS d WHERE d.datname = current_database())),
             (SELECT count(*) FROM pg_stat_activity AS a WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
                AND a.application_name NOT IN ('profile-pic-receiver', 'profile-pic worker', 'profile-pic worker: listener', 'baileys-bridge'))
      """;

  @Override
  public String name() {
    return "connections";
  }

  @Override
  public Need need() {
    return Need.DATABASE;
  }

  @Override
  public void look(Setup setup, Notes notes) throws SQLException {
    var settings = setup.settings();
    var used = new StringJoiner(", ");
    int all = 0;
    for (var part : Part.values()) {
      int number = part.of(settings);
      all += number;
      used.add(part.label + " " + number);
    }
    var said = all + " connections (" + used + "; one replica of each)";
    if (settings.connection().filter(DatabaseConnection.SESSION::equals).isPresent()) {
      int limit = settings.number(LIMIT, OF_A_POOLER);
      if (all > limit) {
        notes.problem(
            "a pooler in session mode lends "
                + limit
                + " connections, and these are wanted: "
                + said,
            remedy("Raise the pooler's limit and say so in " + LIMIT));
      }
    } else if (settings.connection().filter(DatabaseConnection.DIRECT::equals).isPresent()) {
      lookAtServer(setup.database(), all, said, notes);
    }
    notes.okIfNothingElse(said);
  }

  private static void lookAtServer(Database database, int all, String said, Notes notes)
      throws SQLException {
    var room = database.rows(ROOM).getFirst();
    int most = Integer.parseInt(room.at(0));
    int others = Integer.parseInt(room.at(1));
    if (all > most) {
      notes.problem(
          "the server allows " + most + " connections, and these are wanted: " + said,
          remedy("Raise max_connections"));
    } else if (all + others > most) {
      notes.warning(
          "the server allows "
              + most
              + " connections, others have "
              + others
              + " of them, and these are wanted: "
              + said,
          remedy("Raise max_connections"));
    }
  }

  private static String remedy(String first) {
    return first
        + ", or lower PROFILE_PIC_RECEIVER_CONNECTIONS, PROFILE_PIC_WORKER_CONNECTIONS,"
        + " PROFILE_PIC_DATABASE_OPERATORS_CONNECTIONS, BRIDGE_DATABASE_POOL or"
        + " BRIDGE_DATABASE_CONTROL_POOL.";
  }

  /** A part that connects, with the variable for its number of connections and the default. */
  private enum Part {
    RECEIVER("receiver", "PROFILE_PIC_RECEIVER_CONNECTIONS", 3),
    OPERATORS("its operators", "profile-pic.database.operators.connections", 2),
    WORKER("worker", "PROFILE_PIC_WORKER_CONNECTIONS", 3),
    LISTENER("its listener", "", 1) {
      @Override
      int of(Settings settings) {
        return settings.listens() ? 1 : 0;
      }
    },
    BRIDGE("bridge", "BRIDGE_DATABASE_CONTROL_POOL", 2) {
      @Override
      int of(Settings settings) {
        return settings.sourceKind().equals("bridge") ? super.of(settings) : 0;
      }
    },
    SESSIONS("its sessions", "BRIDGE_DATABASE_POOL", 1) {
      @Override
      int of(Settings settings) {
        return settings.sourceKind().equals("bridge") ? super.of(settings) : 0;
      }
    };

    private final String label;
    private final String variable;
    private final int otherwise;

    Part(String label, String variable, int otherwise) {
      this.label = label;
      this.variable = variable;
      this.otherwise = otherwise;
    }

    int of(Settings settings) {
      return settings.number(variable, otherwise);
    }
  }
}
