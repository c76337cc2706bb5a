package dev.profilepic.receiver.leads;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.receiver.avatars.Avatars;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the truth about leads' photos. */
@Component
class LeadPictures {

  private final JdbcClient jdbc;
  private final AvatarLink links;

  LeadPictures(JdbcClient jdbc, Avatars avatars) {
    this.jdbc = jdbc;
    this.links = avatars.links();
  }

  /** Empty when the CRM has no such lead and we never heard of it. */
  Optional<LeadPicture> find(String leadId) {
    return jdbc.sql(
            """
            SELECT coalesce(l.lead_id, p.lead_id) AS lead_id, coalesce(p.state, 'UNKNOWN') AS state, p.reason, p.sha256,
                   p.storage_key, p.checked_at, p.fetched_at, p.next_check_at, coalesce(p.attempts, 0) AS attempts,
                   p.last_error, EXISTS (SELECT FROM pgmq.q_profile_pic_queue AS q WHERE q.msg_id = r.message_id) AS queued
            FROM (VALUES (:lead)) AS asked (id)
            LEFT JOIN profile_pic.read_leads(ARRAY[:lead]) AS l ON true
            LEFT JOIN profile_pic.pictures AS p ON p.lead_id = coalesce(l.lead_id, asked.id)
            LEFT JOIN profile_pic.requests AS r ON r.lead_id = p.lead_id
            WHERE l.lead_id IS NOT NULL OR p.lead_id IS NOT NULL
            """)
        .param("lead", leadId)
        .query(this::picture)
        .optional();
  }

  /**
   * @param before an id of the history; only older entries are returned
   */
  List<HistoryEntry> history(String leadId, long before, int most) {
    return jdbc.sql(
            """
            SELECT h.id, h.at, h.outcome, h.state, h.detail, h.instance_id, h.source_id, h.sha256
            FROM profile_pic.picture_history AS h
            WHERE h.lead_id = :lead AND h.id < :before ORDER BY h.id DESC LIMIT :most
            """)
        .param("lead", leadId)
        .param("before", before)
        .param("most", most)
        .query((row, number) ->
            new HistoryEntry(
                row.getLong("id"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getString("outcome"),
                row.getString("state"),
                row.getString("detail"),
                row.getString("instance_id"),
                row.getString("source_id"),
                row.getString("sha256")))
        .list();
  }

  private LeadPicture picture(ResultSet row, int number) throws SQLException {
    var leadId = row.getString("lead_id");
    @Nullable String sha256 = row.getString("sha256");
    var hasPhoto = sha256 != null && row.getString("storage_key") != null;
    return new LeadPicture(
        true,
        leadId,
        row.getString("state"),
        row.getString("reason"),
        sha256 != null && hasPhoto ? links.to(leadId, sha256) : null,
        instant(row, "checked_at"),
        instant(row, "fetched_at"),
        instant(row, "next_check_at"),
        row.getInt("attempts"),
        row.getString("last_error"),
        row.getBoolean("queued"));
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
