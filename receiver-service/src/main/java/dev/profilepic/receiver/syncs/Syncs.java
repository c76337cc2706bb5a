package dev.profilepic.receiver.syncs;

import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table of bulk syncs. */
@Component
class Syncs {

  private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final JsonMapper json;
  private final SyncProperties properties;
  private final InstantSource clock;

  Syncs(
      OperatorDatabase database, JsonMapper json, SyncProperties properties, InstantSource clock) {
    this.jdbc = database.jdbc();
    this.transaction = database.transaction();
    this.json = json;
    this.properties = properties;
    this.clock = clock;
  }

  /** Leads of the instance that have no photo. */
  long countWithoutPhoto(String instanceId) {
    return jdbc.sql("SELECT profile_pic.count_without_photo(?, ?)")
        .params(instanceId, properties.isDefault(instanceId))
        .query(Long.class)
        .single();
  }

  int paceOf(String instanceId) {
    return jdbc.sql("SELECT pace_per_minute FROM profile_pic.instances WHERE instance_id = ?")
        .param(instanceId)
        .query((row, number) -> Optional.ofNullable(row.getObject(1, Integer.class)))
        .optional()
        .flatMap(pace -> pace)
        .orElse(properties.pacePerMinute());
  }

  /**
   * Starts a sync; the workers feed it from now on.
   *
   * @return its id
   * @throws ProblemException 409 while one runs for this instance
   */
  long start(String instanceId, SyncRequest request, long total) {
    try {
      return Objects.requireNonNull(
          transaction.execute(status -> insert(instanceId, request, total)));
    } catch (DuplicateKeyException running) {
      throw new ProblemException(
          Problem.CONFLICT, "A sync of this instance is not finished: wait for it, or cancel it.");
    }
  }

  private long insert(String instanceId, SyncRequest request, long total) {
    long id =
        jdbc.sql(
                """
                INSERT INTO profile_pic.syncs (instance_id, kind, force_update, with_default, total, most, batch_size)
                VALUES (:instance, :kind, :force, :default, :total, :most, :batch) RETURNING id
                """)
            .param("instance", instanceId)
            .param("kind", request.leads() == null ? "without_photo" : "list")
            .param("force", request.forceUpdate())
            .param("default", properties.isDefault(instanceId))
            .param("total", total)
            .param("most", request.limit())
            .param("batch", request.batchSize())
            .query(Long.class)
            .single();
    if (request.leads() != null) {
      jdbc.sql(
              """
              INSERT INTO profile_pic.sync_items (sync_id, lead_id, phone)
              SELECT ?, l.lead_id, l.phone FROM unnest(?::text[], ?::text[]) AS l (lead_id, phone)
              """)
          .params(
              id,
              request.listed().stream().map(Map.Entry::getKey).toArray(String[]::new),
              request.listed().stream().map(Map.Entry::getValue).toArray(String[]::new))
          .update();
    }
    return id;
  }

  Optional<Sync> find(long id) {
    return jdbc.sql("SELECT * FROM profile_pic.sync_progress WHERE id = ?")
        .param(id)
        .query(this::sync)
        .optional();
  }

  /** Newest first. */
  List<Sync> list(long before, int most) {
    return jdbc.sql("SELECT * FROM profile_pic.sync_progress WHERE id < ? ORDER BY id DESC LIMIT ?")
        .params(before, most)
        .query(this::sync)
        .list();
  }

  /**
   * Changes a state, if it is one of those that allow it.
   *
   * @return whether it was
   */
  boolean move(long id, List<String> from, String to) {
    return jdbc.sql(
                """
                UPDATE profile_pic.syncs
                SET state = :to, finished_at = CASE WHEN :to = 'CANCELLED' THEN statement_timestamp() END
                WHERE id = :id AND state = ANY (:from::text[])
                """)
            .param("id", id)
            .param("to", to)
            .param("from", from.toArray(String[]::new))
            .update()
        > 0;
  }

  private Sync sync(ResultSet row, int number) throws SQLException {
    var instance = row.getString("instance_id");
    var state = row.getString("state");
    var created = row.getObject("created_at", OffsetDateTime.class).toInstant();
    @Nullable OffsetDateTime ended = row.getObject("finished_at", OffsetDateTime.class);
    @Nullable Instant finished = ended == null ? null : ended.toInstant();
    long done = row.getLong("done");
    long open = row.getLong("total") - done;
    return new Sync(
        true,
        row.getLong("id"),
        instance,
        row.getString("kind"),
        state,
        row.getBoolean("force_update"),
        row.getLong("total"),
        done,
        row.getLong("in_flight"),
        row.getLong("waiting"),
        json.readValue(row.getString("outcomes"), COUNTS),
        created,
        finished,
        Sync.rate(done, created, finished == null ? clock.instant() : finished),
        state.equals("RUNNING") ? Sync.eta(open, paceOf(instance)) : null);
  }
}
