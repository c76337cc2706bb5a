package dev.profilepic.receiver.keys;

import dev.profilepic.contract.DatabaseLogin;
import dev.profilepic.contract.InstanceId;
import dev.profilepic.contract.SecretFiles;
import java.io.PrintStream;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;

/**
 * {@code bin/api-key}: {@code create NAME [--scopes ingest,operate,read] [--instances a,b]
 * [--expires 90d]}, {@code list}, {@code revoke NAME}. A key is shown once, when it is made; the
 * database keeps only its digest. Keys begin with {@code ppk_}, so that scanners for secrets find
 * them in code and logs. The receiver applies a change within five seconds.
 */
public final class ApiKeyCommand {

  private static final Set<String> OPTIONS = Set.of("--scopes", "--instances", "--expires");
  private static final String ROW = "%-24s %-22s %-24s %-17s %-17s %-17s %s%n";

  /** The receiver knows a new key within five seconds, so a shorter life is of no use. */
  private static final Duration SHORTEST = Duration.ofMinutes(1);

  private static final Duration LONGEST = Duration.ofDays(36_500);
  private static final LocalDate LAST_DAY = LocalDate.of(9999, 12, 30);
  private static final String UNIQUE_VIOLATION = "23505";
  private static final String USAGE =
      """
      usage: api-key create NAME [--scopes ingest,operate,read] [--instances a,b] [--expires 90d|2027-12-31]
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
    System.exit(run(List.of(arguments), System.getenv(), System.out, System.err));
  }

  static int run(
      List<String> arguments,
      Map<String, String> environment,
      PrintStream out,
      PrintStream problems) {
    if (!isCommand(arguments)) {
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
      return new ApiKeyCommand(connection, out).execute(arguments);
    } catch (SQLException failure) {
      problems.println("the database refused: " + failure.getMessage());
      return 1;
    }
  }

  /**
   * @return the process's status: 0 done, 1 not possible, 2 wrong usage
   */
  int execute(List<String> arguments) throws SQLException {
    if (!isCommand(arguments)) {
      out.print(USAGE);
      return 2;
    }
    return switch (arguments.getFirst()) {
      case "list" -> list();
      case "revoke" -> revoke(arguments.get(1));
      default -> create(arguments.get(1), arguments.subList(2, arguments.size()));
    };
  }

  private static boolean isCommand(List<String> arguments) {
    return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
      case "list" -> arguments.size() == 1;
      case "revoke" -> arguments.size() == 2;
      case "create" -> arguments.size() % 2 == 0;
      default -> false;
    };
  }

  private int create(String name, List<String> options) throws SQLException {
    var scopes = split(option(options, "--scopes", "ingest"));
    var instances = split(option(options, "--instances", null));
    @Nullable String expires = option(options, "--expires", null);
    if (!OPTIONS.containsAll(everySecond(options))
        || scopes == null
        || !KeySecrets.SCOPES.containsAll(scopes)) {
      out.print(USAGE);
      return 2;
    }
    if (instances != null && !instances.stream().allMatch(InstanceId::isValid)) {
      out.println("--instances: each " + InstanceId.RULE);
      return 2;
    }
    if (KeyNames.isReserved(name)) {
      out.println("NAME: " + KeyNames.RESERVED_RULE);
      return 2;
    }
    if (!KeyNames.isSafe(name)) {
      out.println("NAME: " + KeyNames.RULE);
      return 2;
    }
    if (expires != null && lifetime(expires) == null && date(expires) == null) {
      out.println(
          "--expires: a time from 1m to 36500d such as 90d or 12h, or a day from today to 9999-12-30"
              + " such as 2027-12-31");
      return 2;
    }
    var key = KeySecrets.generate();
    try (var insert =
        connection.prepareStatement(
            """
            INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances, expires_at)
            VALUES (?, ?, ?, ?, coalesce(statement_timestamp() + ? * interval '1 s', ?))
            """)) {
      insert.setString(1, name);
      insert.setBytes(2, KeySecrets.sha256(key));
      insert.setArray(3, array(scopes));
      insert.setArray(4, instances == null ? null : array(instances));
      insert.setObject(5, expires == null ? null : lifetime(expires), Types.BIGINT);
      insert.setObject(6, expires == null ? null : date(expires), Types.TIMESTAMP_WITH_TIMEZONE);
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
    try (var select =
            connection.prepareStatement(
                """
                SELECT name, array_to_string(scopes, ','), coalesce(array_to_string(instances, ','), 'any'),
                       to_char(created_at, 'YYYY-MM-DD HH24:MI'), coalesce(to_char(expires_at, 'YYYY-MM-DD HH24:MI'), 'never'),
                       coalesce(to_char(last_used_at, 'YYYY-MM-DD HH24:MI'), 'never'), coalesce(to_char(revoked_at, 'YYYY-MM-DD HH24:MI'), '-')
                FROM profile_pic.api_keys ORDER BY id
                """);
        var rows = select.executeQuery()) {
      out.printf(ROW, "NAME", "SCOPES", "INSTANCES", "CREATED", "EXPIRES", "LAST USED", "REVOKED");
      while (rows.next()) {
        out.printf(
            ROW,
            rows.getString(1),
            rows.getString(2),
            rows.getString(3),
            rows.getString(4),
            rows.getString(5),
            rows.getString(6),
            rows.getString(7));
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

  /** Returns the lifetime in seconds; null when the text is no duration, or no lifetime. */
  private static @Nullable Long lifetime(String text) {
    try {
      var duration = DurationStyle.SIMPLE.parse(text);
      return duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0
          ? null
          : duration.toSeconds();
    } catch (IllegalArgumentException | ArithmeticException notOne) {
      return null;
    }
  }

  /** Returns the end of the day, in UTC; null when the text is no date, or a date that is over. */
  private static @Nullable OffsetDateTime date(String text) {
    try {
      var day = LocalDate.parse(text);
      return day.isBefore(LocalDate.now(ZoneOffset.UTC)) || day.isAfter(LAST_DAY)
          ? null
          : day.plusDays(1).atStartOfDay().atOffset(ZoneOffset.UTC);
    } catch (DateTimeParseException notOne) {
      return null;
    }
  }

  private Array array(List<String> texts) throws SQLException {
    return connection.createArrayOf("text", texts.toArray());
  }

  private static @Nullable List<String> split(@Nullable String list) {
    return list == null ? null : List.of(list.split(",", -1));
  }

  private static List<String> everySecond(List<String> options) {
    return IntStream.range(0, options.size())
        .filter(i -> i % 2 == 0)
        .mapToObj(options::get)
        .toList();
  }

  private static @Nullable String option(
      List<String> options, String name, @Nullable String otherwise) {
    int at = options.indexOf(name);
    return at < 0 || at + 1 >= options.size() ? otherwise : options.get(at + 1);
  }
}
