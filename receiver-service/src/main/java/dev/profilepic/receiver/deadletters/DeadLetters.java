package dev.profilepic.receiver.deadletters;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The dead letter queue, as far as a caller may see it. */
@Component
public class DeadLetters {

  /**
   * A dead letter.
   *
   * @param phone masked
   */
  public record Letter(
      long id,
      @JsonProperty("lead_id") @Nullable String leadId,
      @Nullable String phone,
      @JsonProperty("instance_id") @Nullable String instanceId,
      @JsonProperty("sync_type") @Nullable String syncType,
      @Nullable String reason,
      @Nullable String detail,
      int attempts,
      @JsonProperty("first_seen") @Nullable String firstSeen,
      @JsonProperty("failed_at") Instant failedAt) {}

  /**
   * Letters, newest first.
   *
   * @param lookedTo the id to which a search came that ended early; null when it did not
   */
  record Listed(List<Letter> letters, @Nullable Long lookedTo) {}

  private final JdbcClient jdbc;
  private final JsonMapper json;

  DeadLetters(OperatorDatabase database, JsonMapper json) {
    this.jdbc = database.jdbc();
    this.json = json;
  }

  /**
   * Lists letters, newest first. Only short texts and numbers leave the database: a letter may
   * contain anything, and an unreadable letter must not hide other letters.
   */
  Listed list(Caller caller, @Nullable String reason, long before, int most) {
    var letters = new ArrayList<Letter>();
    var lookedTo = new AtomicReference<@Nullable Long>();
    jdbc.sql(
            """
            SELECT msg_id, enqueued_at, message IS NULL AS ended,
                   (SELECT jsonb_object_agg(f.key, left(f.value #>> '{}', 1000))
                    FROM jsonb_each(CASE jsonb_typeof(message) WHEN 'object' THEN message END) AS f
                    WHERE f.key IN ('lead_id', 'phone', 'instance_id', 'sync_type')
                      AND jsonb_typeof(f.value) IN ('string', 'number'))::text AS message,
                   (SELECT jsonb_object_agg(f.key, left(f.value #>> '{}', 1000))
                    FROM jsonb_each(CASE jsonb_typeof(message -> 'error') WHEN 'object' THEN message -> 'error' END) AS f
                    WHERE f.key IN ('reason', 'detail', 'attempts', 'first_seen')
                      AND jsonb_typeof(f.value) IN ('string', 'number'))::text AS error
            FROM profile_pic.list_dead_letters(:instances::text[], :reason, :before, :most)
            """)
        .param("instances", caller.reach())
        .param("reason", reason)
        .param("before", before)
        .param("most", most)
        .query(row -> {
          if (row.getBoolean("ended")) {
            lookedTo.set(row.getLong("msg_id"));
          } else {
            letters.add(letter(row));
          }
        });
    return new Listed(letters, lookedTo.get());
  }

  /**
   * Puts letters back to work.
   *
   * @param ids of the letters; null for any
   * @param reason of the letters; null for any
   * @return the number of letters by status: queued, duplicate, erased, unreplayable
   */
  Map<String, Integer> replay(
      Caller caller, @Nullable List<Long> ids, @Nullable String reason, int most) {
    var counts = new TreeMap<String, Integer>();
    jdbc.sql(
            "SELECT status FROM profile_pic.replay_dead_letters(?::bigint[], ?::text, ?, ?::text[], ?)")
        .param(ids == null ? null : ids.toArray(Long[]::new))
        .param(reason)
        .param(most)
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(String.class)
        .list()
        .forEach(status -> counts.merge(status, 1, Integer::sum));
    return counts;
  }

  /**
   * @return whether the letter existed
   */
  boolean drop(Caller caller, long id) {
    return jdbc.sql("SELECT profile_pic.drop_dead_letter(?, ?::text[], ?)")
        .param(id)
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Boolean.class)
        .single();
  }

  private Letter letter(ResultSet row) throws SQLException {
    var message = fields(row.getString("message"));
    var error = fields(row.getString("error"));
    @Nullable String phone = text(message.path("phone"));
    return new Letter(
        row.getLong("msg_id"),
        text(message.path("lead_id")),
        phone == null ? null : PhoneNumber.mask(phone),
        text(message.path("instance_id")),
        text(message.path("sync_type")),
        text(error.path("reason")),
        text(error.path("detail")),
        error.path("attempts").asInt(0),
        text(error.path("first_seen")),
        Times.of(row, "enqueued_at"));
  }

  private JsonNode fields(@Nullable String found) {
    return found == null ? json.createObjectNode() : json.readTree(found);
  }

  private static @Nullable String text(JsonNode node) {
    return node.isString() ? node.asString() : null;
  }
}
