package dev.profilepic.worker.queue;

import static dev.profilepic.worker.queue.SettlementColumns.SETTLEMENTS;

import dev.profilepic.contract.ArrayParameters;
import dev.profilepic.contract.ArrayParameters.Column;
import dev.profilepic.migrations.Pgmq;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * The queue's SQL: each method is one round trip to one function of schema {@code profile_pic}
 * (db-migrations, R__03 to R__05), in its own transaction. Failures are Spring's {@code
 * DataAccessException}s.
 */
@Component
class QueueSql {

  private static final ArrayParameters<WaitingLines.Pick> PICKS =
      new ArrayParameters<>(
          List.of(
              new Column<>("text", WaitingLines.Pick::instanceId),
              new Column<>(
                  "timestamptz", pick -> pick.since() == null ? null : pick.since().toString()),
              new Column<>("integer", WaitingLines.Pick::limit)));

  private static final ArrayParameters<Lease> LEASES =
      new ArrayParameters<>(
          List.of(
              new Column<>("bigint", Lease::messageId), new Column<>("integer", Lease::readCount)));

  private final JdbcTemplate jdbc;

  QueueSql(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * @param adopted how many due messages joined their lines
   * @param nextDue until the next delayed or leased message becomes due; null when there is none
   */
  record Adopted(int adopted, @Nullable Duration nextDue) {}

  /** Takes due messages of PGMQ into their lines. */
  Adopted adopt(int defaultPace, int most) {
    return required(connection -> {
      try (var call = connection.prepareStatement("SELECT * FROM profile_pic.adopt(?, ?)")) {
        call.setInt(1, defaultPace);
        call.setInt(2, most);
        var answer = call.executeQuery();
        answer.next();
        return new Adopted(answer.getInt("adopted"), Claim.millis(answer, "next_due_ms"));
      }
    });
  }

  /**
   * Takes one step of the walk that mends lines and messages which do not belong together.
   *
   * @param after the end of the previous step; 0 at first
   * @return the place to go on from; 0 when the walk is through
   */
  long heal(long after, int most) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT coalesce(next_after, 0) FROM profile_pic.heal(?, ?)")) {
        call.setLong(1, after);
        call.setInt(2, most);
        var answer = call.executeQuery();
        answer.next();
        return answer.getLong(1);
      }
    });
  }

  /** Returns the lines that are not empty. */
  List<LineStatus> findLines(@Nullable String defaultInstance, int defaultPace) {
    return required(connection -> {
      try (var call = connection.prepareStatement("SELECT * FROM profile_pic.find_lines(?, ?)")) {
        call.setString(1, defaultInstance);
        call.setInt(2, defaultPace);
        var rows = call.executeQuery();
        var lines = new ArrayList<LineStatus>();
        while (rows.next()) {
          lines.add(Claim.line(rows));
        }
        return lines;
      }
    });
  }

  /**
   * Leases messages from these lines, in their order.
   *
   * @param most the most messages in all
   * @param freshness of the leases that this call makes
   */
  Claim claim(
      List<WaitingLines.Pick> picks,
      int most,
      Duration lease,
      @Nullable String defaultInstance,
      int defaultPace,
      Delivery.Freshness freshness) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT * FROM profile_pic.claim(%s, ?, ? * interval '1 ms', ?, ?)"
                  .formatted(PICKS.placeholders()))) {
        int next = PICKS.set(call, picks);
        call.setInt(next, most);
        call.setLong(next + 1, lease.toMillis());
        call.setString(next + 2, defaultInstance);
        call.setInt(next + 3, defaultPace);
        return Claim.read(call.executeQuery(), freshness);
      }
    });
  }

  /**
   * Leases the messages of a batch of one instance, for one token.
   *
   * @param most the most messages
   * @param spacing to the instance's next batch
   * @return no messages when there is nothing to ask for now; the line then says how long a token
   *     takes
   */
  Claim claimBatch(
      int most, Duration lease, Duration spacing, int defaultPace, Delivery.Freshness freshness) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT * FROM profile_pic.claim_batch(?, ? * interval '1 ms', ? * interval '1 ms', ?)")) {
        call.setInt(1, most);
        call.setLong(2, lease.toMillis());
        call.setLong(3, spacing.toMillis());
        call.setInt(4, defaultPace);
        return Claim.read(call.executeQuery(), freshness);
      }
    });
  }

  /** Returns the parts of PGMQ that we use and this database lacks, by {@link Pgmq}. */
  List<String> pgmqLacks() {
    return jdbc.queryForList(
        Pgmq.MISSING,
        String.class,
        Pgmq.FUNCTIONS.toArray(String[]::new),
        Pgmq.COLUMNS.toArray(String[]::new));
  }

  /**
   * Returns the version of the extension PGMQ in this database; empty when the extension is not
   * there.
   */
  Optional<String> pgmqVersion() {
    return jdbc
        .queryForList("SELECT extversion FROM pg_extension WHERE extname = 'pgmq'", String.class)
        .stream()
        .findFirst();
  }

  /**
   * Writes results.
   *
   * @param archive whether completed messages are archived instead of deleted
   * @return the messages that were settled, each with the lead whose row in the CRM must be
   *     written, if any; the leases of the other messages are not ours (any more)
   */
  Map<Long, Optional<String>> settle(List<Settlement> settlements, String worker, boolean archive) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT msg_id, lead_id FROM profile_pic.settle("
                  + SETTLEMENTS.placeholders()
                  + ", ?, ?, ?::text[])")) {
        int next = SETTLEMENTS.set(call, settlements);
        call.setString(next, worker);
        call.setBoolean(next + 1, archive);
        @Nullable String @Nullable [] lids = SettlementColumns.lids(settlements);
        call.setArray(next + 2, lids == null ? null : connection.createArrayOf("text", lids));
        var rows = call.executeQuery();
        var settled = new HashMap<Long, Optional<String>>();
        while (rows.next()) {
          settled.put(rows.getLong(1), Optional.ofNullable(rows.getString(2)));
        }
        return settled;
      }
    });
  }

  /** Prolongs leases, and returns the ids of the messages that are still ours. */
  Set<Long> renew(Collection<Lease> leases, Duration lease) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT * FROM profile_pic.renew(%s, ? * interval '1 ms')"
                  .formatted(LEASES.placeholders()))) {
        call.setLong(LEASES.set(call, List.copyOf(leases)), lease.toMillis());
        return ids(call.executeQuery());
      }
    });
  }

  /**
   * Gives leases back at once and uncounted, and returns the ids of the messages that were still
   * ours.
   */
  Set<Long> release(Collection<Lease> leases) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT * FROM profile_pic.release(%s)".formatted(LEASES.placeholders()))) {
        LEASES.set(call, List.copyOf(leases));
        return ids(call.executeQuery());
      }
    });
  }

  /**
   * Takes a token of an instance for one lookup, if there is a token.
   *
   * @return zero when a token was taken, else the time until there is one; nothing is reserved then
   */
  Duration takeToken(String instanceId, int defaultPace) {
    return required(connection -> {
      try (var call = connection.prepareStatement("SELECT profile_pic.take_token(?, ?)")) {
        call.setString(1, instanceId);
        call.setInt(2, defaultPace);
        var answer = call.executeQuery();
        answer.next();
        return Duration.ofMillis(answer.getLong(1));
      }
    });
  }

  /**
   * Returns the problems that keep this service from working, each with its remedy; empty when all
   * is well.
   */
  List<String> setupProblems() {
    return jdbc.query(
        "SELECT problem, remedy FROM profile_pic.check_setup()",
        (row, number) -> row.getString("problem") + ". Remedy: " + row.getString("remedy"));
  }

  /** Returns whether the database answers at all, asked on a connection of the pool. */
  boolean answers() {
    try {
      jdbc.queryForObject("SELECT 1", Integer.class);
      return true;
    } catch (RuntimeException away) {
      return false;
    }
  }

  private <T> T required(ConnectionCallback<T> work) {
    var result = jdbc.execute(work);
    if (result == null) {
      throw new IllegalStateException("a queue function answered nothing");
    }
    return result;
  }

  private static Set<Long> ids(ResultSet rows) throws SQLException {
    var ids = new HashSet<Long>();
    while (rows.next()) {
      ids.add(rows.getLong(1));
    }
    return ids;
  }
}
