package dev.profilepic.receiver.leads;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.receiver.auth.Caller;
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

/** Reads the truth about leads' photos, as far as a caller may see it. */
@Component
class LeadPictures {

  /**
   * A lead and its owner.
   *
   * @param phone as the CRM writes it
   * @param instanceId null when nobody owns it
   */
  record OwnedLead(String leadId, @Nullable String phone, @Nullable String instanceId) {}

  private final JdbcClient jdbc;
  private final AvatarLink links;

  LeadPictures(JdbcClient jdbc, Avatars avatars) {
    this.jdbc = jdbc;
    this.links = avatars.links();
  }

  /** Empty when the CRM has no such lead and we never heard of it. */
  Optional<LeadPicture> find(String leadId, Caller caller) {
    return jdbc.sql("SELECT * FROM profile_pic.lead_picture(?, ?::text[])")
        .param(leadId)
        .param(caller.reach())
        .query(this::picture)
        .optional();
  }

  /**
   * @param before an id of the history; only older entries are returned
   */
  List<HistoryEntry> history(String leadId, Caller caller, long before, int most) {
    return jdbc.sql("SELECT * FROM profile_pic.lead_history(?, ?::text[], ?, ?)")
        .param(leadId)
        .param(caller.reach())
        .param(before)
        .param(most)
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
   * The lead as the CRM has it, with the instance that it belongs to; empty when it is not there.
   */
  Optional<OwnedLead> owned(String leadId, Caller caller) {
    return jdbc.sql(
            """
            SELECT lead_id, phone, instance_id FROM profile_pic.reachable_lead(?, ?::text[]) WHERE in_crm
            """)
        .param(leadId)
        .param(caller.reach())
        .query(OwnedLead.class)
        .optional();
  }

  /**
   * Forgets the person: photo, history, phone; a tombstone stays.
   *
   * @return whether there was such a lead
   */
  boolean erase(String leadId, Caller caller) {
    return jdbc.sql("SELECT profile_pic.erase_lead(?, ?::text[], ?)")
        .param(leadId)
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Boolean.class)
        .single();
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
