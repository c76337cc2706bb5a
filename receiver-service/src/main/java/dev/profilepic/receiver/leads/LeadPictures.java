package dev.profilepic.receiver.leads;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.receiver.avatars.Avatars;
import dev.profilepic.receiver.database.OperatorDatabase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Reads the truth about leads' photos. */
@Component
class LeadPictures {

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final AvatarLink links;

  LeadPictures(OperatorDatabase database, Avatars avatars, InstantSource clock) {
    this.jdbc = database.jdbc();
    this.transaction = database.transaction();
    this.links = avatars.links(clock);
  }

  /** Empty when the CRM has no such lead and we never heard of it. */
  Optional<LeadPicture> find(String leadId) {
    return jdbc.sql(
            """
            SELECT coalesce(l.lead_id, p.lead_id) AS lead_id, coalesce(p.state, 'UNKNOWN') AS state, p.reason, p.sha256, p.link_generation,
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

  /**
   * Forgets the person: photo, history, phone; a tombstone stays.
   *
   * @return whether there was such a lead
   */
  boolean erase(String leadId) {
    return jdbc.sql("SELECT profile_pic.erase(?)").param(leadId).query(Boolean.class).single();
  }

  /**
   * Ends all links to the lead's photo that were given out, and makes a new one, which the writer
   * puts into the CRM's row.
   *
   * @param boundTo the instances that the caller is bound to; null for all
   * @return false when there is no such lead, or it is not the caller's
   */
  boolean revokeLinks(String leadId, @Nullable String boundTo) {
    return Boolean.TRUE.equals(
        transaction.execute(status -> {
          var revoked =
              jdbc.sql(
                      "SELECT lead_id, generation, sha256 FROM profile_pic.revoke_links(?, string_to_array(?, ','))")
                  .param(leadId)
                  .param(boundTo)
                  .query(Revoked.class)
                  .single();
          @Nullable String canonical = revoked.leadId();
          @Nullable String sha256 = revoked.sha256();
          if (canonical != null && sha256 != null) {
            jdbc.sql("SELECT 1 FROM profile_pic.relink(?, ?, ?)")
                .param(canonical)
                .param(revoked.generation())
                .param(links.to(canonical, revoked.generation(), sha256))
                .query(Integer.class)
                .single();
          }
          return canonical != null;
        }));
  }

  /**
   * @param leadId null when there is no such lead
   * @param generation of the links that are made from now on
   * @param sha256 null when there is no photo
   */
  private record Revoked(@Nullable String leadId, int generation, @Nullable String sha256) {}

  private LeadPicture picture(ResultSet row, int number) throws SQLException {
    var leadId = row.getString("lead_id");
    @Nullable String sha256 = row.getString("sha256");
    var hasPhoto = sha256 != null && row.getString("storage_key") != null;
    return new LeadPicture(
        true,
        leadId,
        row.getString("state"),
        row.getString("reason"),
        sha256 != null && hasPhoto ? links.to(leadId, row.getInt("link_generation"), sha256) : null,
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
