package dev.profilepic.receiver.audit;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The audit log. Each entry is written in SQL, by the function that carries out the deed. */
@RestController
public class AuditController {

  /**
   * An entry of the audit log.
   *
   * @param actor name of the key; for changes to keys, the database's user
   * @param deed for example {@code lead_erased}
   * @param subject the object of the deed: digest of a lead's id, id of a sync or dead letter, name
   *     of a key; null when {@code instance_id} alone names the object
   */
  public record Entry(
      long id,
      Instant at,
      String actor,
      String deed,
      @JsonProperty("instance_id") @Nullable String instanceId,
      @Nullable String subject,
      JsonNode detail) {}

  private final JdbcClient jdbc;
  private final JsonMapper json;

  AuditController(OperatorDatabase database, JsonMapper json) {
    this.jdbc = database.jdbc();
    this.json = json;
  }

  /**
   * @param leadId the CRM's id of a lead, to get the entries of this lead only; its digest is
   *     compared
   */
  @GetMapping("/audit")
  public Page<Entry> list(
      @RequestParam(name = "lead_id", required = false) @Nullable String leadId,
      @RequestParam(defaultValue = "" + Page.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller) {
    if (caller.isBound()) {
      throw new ProblemException(Problem.FORBIDDEN, "Use a key that is bound to no instance.");
    }
    if (leadId != null && !Fields.isPlain(leadId)) {
      throw new ProblemException(Problem.INVALID, "lead_id must be the id of a lead.");
    }
    int most = Page.limit(limit);
    var entries =
        jdbc.sql("SELECT * FROM profile_pic.list_audit(?::text[], ?::text, ?, ?)")
            .param(caller.reach())
            .param(leadId)
            .param(before)
            .param(most + 1)
            .query(this::entry)
            .list();
    return Page.of(entries, most, Entry::id);
  }

  private Entry entry(ResultSet row, int number) throws SQLException {
    return new Entry(
        row.getLong("id"),
        Times.of(row, "at"),
        row.getString("actor"),
        row.getString("deed"),
        row.getString("instance_id"),
        row.getString("subject"),
        json.readTree(row.getString("detail")));
  }
}
