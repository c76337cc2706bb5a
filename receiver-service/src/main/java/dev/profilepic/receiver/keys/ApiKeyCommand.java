package dev.profilepic.receiver.keys;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code bin/api-key}: {@code create NAME [--scopes ingest,operate,read] [--instances a,b]}, {@code
 * list}, {@code revoke NAME}. A key is shown once, when it is made; the database keeps its digest.
 * The receiver knows of a change within five seconds.
 */
public final class ApiKeyCommand {

  private static final Set<String> SCOPES = Set.of("ingest", "operate", "read");
  private static final String UNIQUE_VIOLATION = "23505";
  private static final String USAGE =
      """
      usage: api-key create NAME [--scopes ingest,operate,read] [--instances a,b]
             api-key list
             api-key revoke NAME
      The database is that of PROFILE_PIC_DATABASE_URL, _USER and _PASSWORD; without them local mode's.
      """;

  private final Connection connection;
  private final PrintStream out;

  ApiKeyCommand(Connection connection, PrintStream out) {
    this.connection = connection;
    this.out = out;
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  private static int run(String[] arguments) {
    var url =
        environment("PROFILE_PIC_DATABASE_URL", "jdbc:postgresql://127.0.0.1:54329/profile_pic");
    var user = environment("PROFILE_PIC_DATABASE_USER", "postgres");
    var password = environment("PROFILE_PIC_DATABASE_PASSWORD", "");
    try (var connection = DriverManager.getConnection(url, user, password)) {
      return new ApiKeyCommand(connection, System.out).execute(List.of(arguments));
    } catch (SQLException failure) {
      System.err.println("the database refused: " + failure.getMessage());
      return 1;
    }
  }

  /**
   * @return the process's status: 0 done, 1 not possible, 2 wrong usage
   */
  int execute(List<String> arguments) throws SQLException {
    if (arguments.size() == 1 && arguments.getFirst().equals("list")) {
      return list();
    }
    if (arguments.size() == 2 && arguments.getFirst().equals("revoke")) {
      return revoke(arguments.get(1));
    }
    if (arguments.size() >= 2
        && arguments.size() % 2 == 0
        && arguments.getFirst().equals("create")) {
      var options = arguments.subList(2, arguments.size());
      var scopes = option(options, "--scopes", "ingest");
      @Nullable String instances = option(options, "--instances", null);
      if (scopes != null && onlyKnown(options) && SCOPES.containsAll(List.of(scopes.split(",")))) {
        return create(
            arguments.get(1), scopes.split(","), instances == null ? null : instances.split(","));
      }
    }
    out.print(USAGE);
    return 2;
  }

  private int create(String name, String[] scopes, String @Nullable [] instances)
      throws SQLException {
    var key = newKey();
    try (var insert =
        connection.prepareStatement(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances) VALUES (?, ?, ?, ?)")) {
      insert.setString(1, name);
      insert.setBytes(2, sha256(key));
      insert.setArray(3, connection.createArrayOf("text", scopes));
      insert.setArray(4, instances == null ? null : connection.createArrayOf("text", instances));
      insert.executeUpdate();
    } catch (SQLException failure) {
      if (UNIQUE_VIOLATION.equals(failure.getSQLState())) {
        out.println("there is a key of this name already: revoke it, and choose another name");
        return 1;
      }
      throw failure;
    }
    out.println(key);
    return 0;
  }

  private int list() throws SQLException {
    out.printf("%-24s %-22s %-24s %-20s %s%n", "NAME", "SCOPES", "INSTANCES", "CREATED", "REVOKED");
    try (var select =
            connection.prepareStatement(
                """
                SELECT name, array_to_string(scopes, ','), coalesce(array_to_string(instances, ','), 'any'),
                       to_char(created_at, 'YYYY-MM-DD HH24:MI'), coalesce(to_char(revoked_at, 'YYYY-MM-DD HH24:MI'), '-')
                FROM profile_pic.api_keys ORDER BY id
                """);
        var rows = select.executeQuery()) {
      while (rows.next()) {
        out.printf(
            "%-24s %-22s %-24s %-20s %s%n",
            rows.getString(1),
            rows.getString(2),
            rows.getString(3),
            rows.getString(4),
            rows.getString(5));
      }
    }
    return 0;
  }

  private int revoke(String name) throws SQLException {
    try (var update =
        connection.prepareStatement(
            "UPDATE profile_pic.api_keys SET revoked_at = coalesce(revoked_at, statement_timestamp()) WHERE name = ?")) {
      update.setString(1, name);
      if (update.executeUpdate() == 0) {
        out.println("there is no key of this name");
        return 1;
      }
    }
    out.println("revoked; the receiver knows within five seconds");
    return 0;
  }

  private static boolean onlyKnown(List<String> options) {
    for (int i = 0; i < options.size(); i += 2) {
      if (!Set.of("--scopes", "--instances").contains(options.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String option(
      List<String> options, String name, @Nullable String otherwise) {
    int at = options.indexOf(name);
    return at < 0 || at + 1 >= options.size() ? otherwise : options.get(at + 1);
  }

  private static String environment(String name, String otherwise) {
    @Nullable String value = System.getenv(name);
    return value == null || value.isBlank() ? otherwise : value;
  }

  private static String newKey() {
    var random = new byte[32];
    new SecureRandom().nextBytes(random);
    return "ppk_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  private static byte[] sha256(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
