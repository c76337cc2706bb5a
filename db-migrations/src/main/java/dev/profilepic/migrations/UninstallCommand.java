package dev.profilepic.migrations;

import dev.profilepic.contract.DatabaseLogin;
import dev.profilepic.contract.SecretFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code bin/uninstall}. Status 0: removed; 1: not possible, nothing was removed; 2: usage. */
public final class UninstallCommand {

  private static final Set<String> OPTIONS = Set.of("--drop-columns", "--drop-bridge", "--yes");
  static final String USAGE =
      """
      usage: uninstall [--drop-columns] [--drop-bridge] [--yes]

      Removes from the database, in one transaction: schema profile_pic with everything that is known of photos, both
      queues, the triggers on the CRM's table, and our roles. The CRM's rows stay as they are, links to photos included,
      which nobody serves any more. Stop receivers and workers first.

        --drop-columns  drops the columns that the migrations added to the CRM's table, with what is in them
        --drop-bridge   drops schema bridge too: every WhatsApp number must be paired again
        --yes           asks nothing

      The database is that of PROFILE_PIC_DATABASE_URL, _USER and _PASSWORD; without them local mode's. The user must be
      the one that ran the migrations, or a superuser.
      """;

  private final Connection connection;
  private final BufferedReader in;
  private final PrintStream out;
  private final Uninstall.Patience patience;

  UninstallCommand(Connection connection, Reader in, PrintStream out, Uninstall.Patience patience) {
    this.connection = connection;
    this.in = new BufferedReader(in);
    this.out = out;
    this.patience = patience;
  }

  public static void main(String[] arguments) throws Exception {
    System.exit(run(List.of(arguments), System.getenv(), System.out, System.err));
  }

  static int run(
      List<String> arguments,
      Map<String, String> environment,
      PrintStream out,
      PrintStream problems)
      throws IOException, InterruptedException {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      out.print(USAGE);
      return 0;
    }
    if (!OPTIONS.containsAll(arguments)) {
      out.print(USAGE);
      return 2;
    }
    DatabaseLogin login;
    try {
      login = DatabaseLogin.of(environment);
    } catch (SecretFiles.UnreadableException unreadable) {
      problems.println(unreadable.getMessage() + ". " + unreadable.remedy());
      return 2;
    }
    try (var connection = login.connect()) {
      var in = new InputStreamReader(System.in, StandardCharsets.UTF_8);
      return new UninstallCommand(connection, in, out, Uninstall.A_MINUTE).execute(arguments);
    } catch (SQLException failure) {
      problems.println("the database refused, nothing was removed: " + failure.getMessage());
      return 1;
    }
  }

  /**
   * @return the process's status
   */
  int execute(List<String> arguments) throws SQLException, IOException, InterruptedException {
    if (!OPTIONS.containsAll(arguments)) {
      out.print(USAGE);
      return 2;
    }
    if (!arguments.contains("--yes") && !isConfirmed()) {
      out.println("nothing was removed");
      return 1;
    }
    var options =
        new Uninstall.Options(
            arguments.contains("--drop-columns"), arguments.contains("--drop-bridge"));
    try {
      new Uninstall(connection, options, patience, out).run();
    } catch (Uninstall.Refused refused) {
      out.println(refused.getMessage());
      return 1;
    }
    out.println("removed");
    return 0;
  }

  private boolean isConfirmed() throws SQLException, IOException {
    var database = connection.getCatalog();
    out.println(
        "Everything that is known of photos goes: states, bytes, keys, the people who asked to be"
            + " forgotten. Type the database's name ("
            + database
            + ") to go on:");
    return database.equals(in.readLine());
  }
}
