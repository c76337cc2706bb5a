package dev.profilepic.worker.queue;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
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
 * (db-migrations, R__03 to R__05), in a transaction of its own. Failures are Spring's {@code
 * DataAccessException}s.
 */
@Component
class QueueSql {

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
        return new Adopted(answer.getInt("adopted"), millis(answer, "next_due_ms"));
      }
    });
  }

  /**
   * One step of the walk that mends lines and messages which do not belong together.
   *
   * @param after where the step before ended; 0 at first
   * @return where to go on; 0 when the walk is through
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

  /** The lines that are not empty. */
  List<LineStatus> findLines(@Nullable String defaultInstance, int defaultPace) {
    return required(connection -> {
      try (var call = connection.prepareStatement("SELECT * FROM profile_pic.find_lines(?, ?)")) {
        call.setString(1, defaultInstance);
        call.setInt(2, defaultPace);
        var rows = call.executeQuery();
        var lines = new ArrayList<LineStatus>();
        while (rows.next()) {
          lines.add(readLine(rows));
        }
        return lines;
      }
    });
  }

  /**
   * Leases messages from these lines, in their order.
   *
   * @param most how many in all
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
              "SELECT * FROM profile_pic.claim(?, ?, ?, ?, ? * interval '1 ms', ?, ?)")) {
        call.setArray(
            1,
            connection.createArrayOf(
                "text", picks.stream().map(WaitingLines.Pick::instanceId).toArray()));
        call.setArray(
            2,
            connection.createArrayOf(
                "timestamptz",
                picks.stream()
                    .map(pick -> pick.since() == null ? null : pick.since().toString())
                    .toArray()));
        call.setArray(
            3,
            connection.createArrayOf(
                "integer", picks.stream().map(WaitingLines.Pick::limit).toArray()));
        call.setInt(4, most);
        call.setLong(5, lease.toMillis());
        call.setString(6, defaultInstance);
        call.setInt(7, defaultPace);
        return readClaim(call.executeQuery(), freshness);
      }
    });
  }

  /** The version of the extension PGMQ in this database; empty when it is not there. */
  Optional<String> pgmqVersion() {
    return jdbc
        .queryForList("SELECT extversion FROM pg_extension WHERE extname = 'pgmq'", String.class)
        .stream()
        .findFirst();
  }

  /**
   * Makes results true.
   *
   * @param archive whether completed messages are archived instead of deleted
   * @return the messages that were settled, each with the lead whose row in the CRM must be
   *     written, if any; the leases of the others are not ours (any more)
   */
  Map<Long, Optional<String>> settle(List<Settlement> settlements, String worker, boolean archive) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT msg_id, lead_id FROM profile_pic.settle("
                  + SettlementColumns.parameters()
                  + "?, ?)")) {
        int next = SettlementColumns.set(call, settlements);
        call.setString(next, worker);
        call.setBoolean(next + 1, archive);
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
              "SELECT * FROM profile_pic.renew(?, ?, ? * interval '1 ms')")) {
        call.setArray(1, messageIds(connection, leases));
        call.setArray(2, readCounts(connection, leases));
        call.setLong(3, lease.toMillis());
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
      try (var call = connection.prepareStatement("SELECT * FROM profile_pic.release(?, ?)")) {
        call.setArray(1, messageIds(connection, leases));
        call.setArray(2, readCounts(connection, leases));
        return ids(call.executeQuery());
      }
    });
  }

  /**
   * Takes a token of an instance for one lookup, if there is one.
   *
   * @return zero when it was taken, else how long there is none; nothing is reserved then
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

  /** What keeps this service from working, each with its remedy; empty when all is well. */
  List<String> setupProblems() {
    return jdbc.query(
        "SELECT problem, remedy FROM profile_pic.check_setup()",
        (row, number) -> row.getString("problem") + ". Remedy: " + row.getString("remedy"));
  }

  /** Whether the database answers at all, asked on a connection of the pool. */
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

  private static Claim readClaim(ResultSet rows, Delivery.Freshness freshness) throws SQLException {
    var deliveries = new ArrayList<Delivery>();
    var lines = new ArrayList<LineStatus>();
    while (rows.next()) {
      long messageId = rows.getLong("msg_id");
      if (rows.wasNull()) {
        lines.add(readLine(rows));
      } else {
        deliveries.add(readDelivery(rows, messageId, freshness));
      }
    }
    return new Claim(List.copyOf(deliveries), List.copyOf(lines));
  }

  private static LineStatus readLine(ResultSet row) throws SQLException {
    return new LineStatus(
        row.getString("instance_id"),
        row.getObject("since", OffsetDateTime.class),
        millis(row, "wait_ms"));
  }

  private static Delivery readDelivery(ResultSet row, long messageId, Delivery.Freshness freshness)
      throws SQLException {
    @Nullable String leadId = row.getString("lead_id");
    @Nullable String line = row.getString("instance_id");
    @Nullable String instanceId = line == null || line.isEmpty() ? null : line;
    @Nullable OffsetDateTime downSince = row.getObject("down_since", OffsetDateTime.class);
    return new Delivery(
        new Lease(messageId, row.getInt("read_ct")),
        row.getInt("deliveries"),
        row.getInt("attempts"),
        downSince == null ? null : downSince.toInstant(),
        row.getObject("enqueued_at", OffsetDateTime.class).toInstant(),
        row.getObject("claimed_at", OffsetDateTime.class).toInstant(),
        row.getString("message"),
        row.getBoolean("oversized"),
        row.getString("traceparent"),
        instanceId,
        leadId == null
            ? null
            : new Delivery.Lead(
                leadId,
                row.getString("lead_phone"),
                row.getString("state"),
                row.getString("source_id"),
                row.getString("sha256"),
                row.getInt("link_generation"),
                row.getBoolean("lead_differs")),
        row.getBoolean("lookup") && instanceId != null,
        new Delivery.Joined(
            row.getBoolean("forced"), row.getString("again_url"), row.getString("again_phone")),
        freshness);
  }

  private static @Nullable Duration millis(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Duration.ofMillis(millis);
  }

  private static Array messageIds(Connection connection, Collection<Lease> leases)
      throws SQLException {
    return connection.createArrayOf("bigint", leases.stream().map(Lease::messageId).toArray());
  }

  private static Array readCounts(Connection connection, Collection<Lease> leases)
      throws SQLException {
    return connection.createArrayOf("integer", leases.stream().map(Lease::readCount).toArray());
  }

  private static Set<Long> ids(ResultSet rows) throws SQLException {
    var ids = new HashSet<Long>();
    while (rows.next()) {
      ids.add(rows.getLong(1));
    }
    return ids;
  }
}
