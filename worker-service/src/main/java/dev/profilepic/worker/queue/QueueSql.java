package dev.profilepic.worker.queue;

import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * The queue's SQL: each method is one round trip to one function of schema {@code profile_pic}
 * (db-migrations, R__03 to R__05), in a transaction of its own. Failures are Spring's {@code
 * DataAccessException}s.
 */
@Component
class QueueSql {

  private final JdbcTemplate jdbc;
  private final JsonMapper json;

  QueueSql(JdbcTemplate jdbc, JsonMapper json) {
    this.jdbc = jdbc;
    this.json = json;
  }

  /**
   * Leases up to {@code limit} due messages.
   *
   * @param scan how many due messages to look at
   */
  Claim claim(
      int limit, int scan, Duration lease, @Nullable String defaultInstance, int defaultPace) {
    return required(connection -> {
      try (var call =
          connection.prepareStatement(
              "SELECT * FROM profile_pic.claim(?, ?, ? * interval '1 ms', ?, ?)")) {
        call.setInt(1, limit);
        call.setInt(2, scan);
        call.setLong(3, lease.toMillis());
        call.setString(4, defaultInstance);
        call.setInt(5, defaultPace);
        return readClaim(call.executeQuery());
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
   * @return the ids of the messages that were settled; the leases of the others are not ours (any
   *     more)
   */
  Set<Long> settle(List<Settlement> settlements, String worker, boolean archive) {
    var rows = new ArrayList<Map<String, Object>>(settlements.size());
    var avatars = new ArrayList<byte[]>();
    for (var settlement : settlements) {
      rows.add(row(settlement, worker, avatars));
    }
    return required(connection -> {
      try (var call =
          connection.prepareStatement("SELECT * FROM profile_pic.settle(?::jsonb, ?, ?)")) {
        call.setString(1, json.writeValueAsString(rows));
        call.setArray(2, connection.createArrayOf("bytea", avatars.toArray(byte[][]::new)));
        call.setBoolean(3, archive);
        return ids(call.executeQuery());
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
   * Reserves the next slot of an instance for one lookup, and says how far away it is; zero when it
   * is now.
   */
  Duration reserve(String instanceId, int defaultPace) {
    return required(connection -> {
      try (var call = connection.prepareStatement("SELECT profile_pic.reserve(?, ?)")) {
        call.setString(1, instanceId);
        call.setInt(2, defaultPace);
        var answer = call.executeQuery();
        answer.next();
        return Duration.ofMillis(answer.getLong(1));
      }
    });
  }

  private <T> T required(ConnectionCallback<T> work) {
    var result = jdbc.execute(work);
    if (result == null) {
      throw new IllegalStateException("a queue function answered nothing");
    }
    return result;
  }

  private static Claim readClaim(ResultSet rows) throws SQLException {
    var deliveries = new ArrayList<Delivery>();
    int postponed = 0;
    @Nullable Duration nextDue = null;
    while (rows.next()) {
      postponed = rows.getInt("postponed");
      long nextDueMillis = rows.getLong("next_due_ms");
      nextDue = rows.wasNull() ? null : Duration.ofMillis(nextDueMillis);
      long messageId = rows.getLong("msg_id");
      if (!rows.wasNull()) {
        deliveries.add(readDelivery(rows, messageId));
      }
    }
    return new Claim(List.copyOf(deliveries), postponed, nextDue);
  }

  private static Delivery readDelivery(ResultSet row, long messageId) throws SQLException {
    @Nullable String leadId = row.getString("lead_id");
    @Nullable String instanceId = row.getString("instance_id");
    return new Delivery(
        new Lease(messageId, row.getInt("read_ct")),
        row.getInt("deliveries"),
        row.getInt("attempts"),
        row.getObject("enqueued_at", OffsetDateTime.class).toInstant(),
        row.getString("message"),
        row.getString("traceparent"),
        instanceId,
        leadId == null
            ? null
            : new Delivery.Lead(
                leadId,
                row.getString("state"),
                row.getString("source_id"),
                row.getString("sha256")),
        row.getBoolean("lookup") && instanceId != null);
  }

  private static Map<String, Object> row(
      Settlement settlement, String worker, List<byte[]> avatars) {
    var row = new LinkedHashMap<String, Object>(settlement.facts());
    row.put("msg_id", settlement.lease().messageId());
    row.put("read_ct", settlement.lease().readCount());
    row.put("outcome", settlement.outcome());
    row.put("attempts", settlement.attempts());
    row.put("worker", worker);
    if (settlement.detail() != null) {
      row.put("detail", settlement.detail());
    }
    if (settlement.pause() != null) {
      row.put("pause_ms", settlement.pause().toMillis());
    }
    if (settlement.avatar() != null) {
      avatars.add(settlement.avatar());
      row.put("avatar", avatars.size());
    }
    switch (settlement.disposition()) {
      case Disposition.Complete() -> row.put("action", "complete");
      case Disposition.Dead() -> row.put("action", "dead");
      case Disposition.Retry(var delay) -> {
        row.put("action", "retry");
        row.put("delay_ms", delay.toMillis());
      }
      case Disposition.Defer(var delay, var slotReserved, var lookupNeeded) -> {
        row.put("action", "defer");
        row.put("delay_ms", delay.toMillis());
        row.put("slot", slotReserved);
        row.put("lookup", lookupNeeded);
      }
    }
    return row;
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
