package dev.profilepic.worker.queue;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one claim.
 *
 * @param deliveries the messages that are ours now
 * @param lines the status of the lines that the claim asked for
 */
record Claim(List<Delivery> deliveries, List<LineStatus> lines) {

  /**
   * Reads the rows of {@code profile_pic.claim} and {@code claim_batch} (db-migrations, R__03,
   * R__08).
   */
  static Claim read(ResultSet rows, Delivery.Freshness freshness) throws SQLException {
    var deliveries = new ArrayList<Delivery>();
    var lines = new ArrayList<LineStatus>();
    while (rows.next()) {
      long messageId = rows.getLong("msg_id");
      if (rows.wasNull()) {
        lines.add(line(rows));
      } else {
        deliveries.add(delivery(rows, messageId, freshness));
      }
    }
    return new Claim(List.copyOf(deliveries), List.copyOf(lines));
  }

  /** Reads a row of {@code profile_pic.find_lines}, or of a claim. */
  static LineStatus line(ResultSet row) throws SQLException {
    return new LineStatus(
        row.getString("instance_id"),
        row.getObject("since", OffsetDateTime.class),
        millis(row, "wait_ms"));
  }

  private static Delivery delivery(ResultSet row, long messageId, Delivery.Freshness freshness)
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

  static @Nullable Duration millis(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Duration.ofMillis(millis);
  }
}
