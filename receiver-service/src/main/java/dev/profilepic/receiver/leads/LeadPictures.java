package dev.profilepic.receiver.leads;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.avatars.Avatars;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.store.PhotoStore;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Reads the true state of leads' photos, as far as a caller may see it. */
@Component
class LeadPictures {

  /**
   * A lead and its owner.
   *
   * @param phone as the CRM writes it
   * @param instanceId null when the lead has no owner
   */
  record OwnedLead(String leadId, @Nullable String phone, @Nullable String instanceId) {}

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final AvatarLink links;
  private final PhotoStore store;

  LeadPictures(OperatorDatabase database, Avatars avatars, PhotoStore store, InstantSource clock) {
    this.store = store;
    this.jdbc = database.jdbc();
    this.transaction = database.transaction();
    this.links = avatars.links(clock);
  }

  /**
   * Returns the state of a lead's photo; empty when the CRM has no such lead and we never had an
   * event for it.
   */
  Optional<LeadPicture> find(String leadId, Caller caller) {
    return jdbc.sql("SELECT * FROM profile_pic.lead_picture(?, ?::text[])")
        .param(leadId)
        .param(caller.reach())
        .query(this::picture)
        .optional();
  }

  /**
   * @param before an id in the history; only older entries are returned
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
                Times.of(row, "at"),
                row.getString("outcome"),
                row.getString("state"),
                row.getString("detail"),
                row.getString("instance_id"),
                row.getString("source_id"),
                row.getString("sha256")))
        .list();
  }

  /** Returns the lead as the CRM has it, with its instance; empty when it does not exist. */
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
   * Revokes all links to the lead's photo so far and makes a new link. The writer puts the new link
   * into the CRM's row.
   *
   * @return false when there is no such lead, or the lead is not the caller's
   */
  boolean revokeLinks(String leadId, Caller caller) {
    if (store.publicUrl(0).isPresent()) {
      throw new ProblemException(
          Problem.CONFLICT,
          "Photos are shown under the bucket's public url, which cannot be revoked: erase the person instead, or unset profile-pic.store.public-base-url.");
    }
    return Boolean.TRUE.equals(
        transaction.execute(status -> {
          var revoked =
              jdbc.sql(
                      "SELECT lead_id, generation, sha256 FROM profile_pic.revoke_links(?, ?::text[], ?)")
                  .param(leadId)
                  .param(caller.reach())
                  .param(caller.getPrincipal())
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

  private String link(String leadId, int generation, String sha256) {
    return store.publicUrl(generation).orElseGet(() -> links.to(leadId, generation, sha256));
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
        sha256 != null && hasPhoto
            ? link(leadId, row.getInt("link_generation"), sha256)
                .replace("{key}", row.getString("storage_key"))
            : null,
        Times.orNull(row, "checked_at"),
        Times.orNull(row, "fetched_at"),
        Times.orNull(row, "next_check_at"),
        row.getInt("attempts"),
        row.getString("last_error"),
        row.getBoolean("queued"));
  }
}
