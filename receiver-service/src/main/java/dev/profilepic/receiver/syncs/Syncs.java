package dev.profilepic.receiver.syncs;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The bulk syncs, as far as a caller may see them. */
@Component
class Syncs {

  private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};

  /** Shorter than the timeout of operators' statements ({@link OperatorDatabase}). */
  private static final String COUNTED_WITHIN = "3 seconds";

  private final JdbcClient jdbc;
  private final JsonMapper json;
  private final SyncProperties properties;
  private final InstantSource clock;

  Syncs(
      OperatorDatabase database, JsonMapper json, SyncProperties properties, InstantSource clock) {
    this.jdbc = database.jdbc();
    this.json = json;
    this.properties = properties;
    this.clock = clock;
  }

  /**
   * The number of leads for a sync.
   *
   * @param complete whether all leads were counted; when false, there are more
   */
  record Count(long leads, boolean complete) {}

  /**
   * Counts the leads of the instance that match the filter, or that have no photo, as far as this
   * is possible in {@link #COUNTED_WITHIN}.
   */
  Count count(Caller caller, String instanceId, @Nullable SyncFilter filter) {
    return jdbc.sql(
            "SELECT * FROM profile_pic.count_to_sync(?, ?, ?::text, ?::text, ?::text[], ?::interval)")
        .param(instanceId)
        .param(properties.isDefault(instanceId))
        .param(filter == null ? null : filter.state())
        .param(filter == null ? null : filter.reason())
        .param(caller.reach())
        .param(COUNTED_WITHIN)
        .query((row, number) -> new Count(row.getLong("leads"), row.getBoolean("complete")))
        .single();
  }

  int paceOf(Caller caller, String instanceId) {
    return jdbc.sql("SELECT profile_pic.pace_of(?, ?::text[])")
        .param(instanceId)
        .param(caller.reach())
        .query((row, number) -> paceOr(row.getObject(1, Integer.class)))
        .single();
  }

  /**
   * Returns how long an instance takes for this number of lookups, with its pauses, quiet hours and
   * working hours.
   *
   * @return the time by the pace alone when the rest is unknown
   */
  long secondsFor(Caller caller, String instanceId, long leads, int pace) {
    return jdbc.sql("SELECT profile_pic.sync_seconds(?, ?, ?, ?::text[])")
        .param(instanceId)
        .param(leads)
        .param(pace)
        .param(caller.reach())
        .query((row, number) -> Optional.ofNullable(row.getObject(1, Long.class)))
        .single()
        .orElseGet(() -> Sync.eta(leads, pace));
  }

  /**
   * Starts a sync; the workers feed it from now on.
   *
   * @return its id; empty when the instance is not the caller's
   * @throws ProblemException 409 while a sync runs for this instance
   */
  Optional<Long> start(Caller caller, String instanceId, SyncRequest request, long total) {
    var listed = request.leads() == null ? null : request.listed();
    var filter = request.filter();
    try {
      return jdbc.sql(
              "SELECT profile_pic.start_sync(?, ?, ?, ?, ?, ?, ?::text[], ?::text[], ?::text[], ?, ?::text, ?::text)")
          .param(instanceId)
          .param(request.forceUpdate())
          .param(properties.isDefault(instanceId))
          .param(total)
          .param(request.limit())
          .param(request.batchSize())
          .param(texts(listed, Map.Entry::getKey))
          .param(texts(listed, Map.Entry::getValue))
          .param(caller.reach())
          .param(caller.getPrincipal())
          .param(filter == null ? null : filter.state())
          .param(filter == null ? null : filter.reason())
          .query((row, number) -> Optional.ofNullable(row.getObject(1, Long.class)))
          .single();
    } catch (DuplicateKeyException running) {
      throw new ProblemException(
          Problem.CONFLICT, "A sync of this instance is not finished: wait for it, or cancel it.");
    }
  }

  Optional<Sync> find(Caller caller, long id) {
    return read(caller, id, Long.MAX_VALUE, 1).stream().findFirst();
  }

  /** Lists syncs, newest first. */
  List<Sync> list(Caller caller, long before, int most) {
    return read(caller, null, before, most);
  }

  /**
   * Changes the state of a sync that is not finished.
   *
   * @return whether there is such a sync
   */
  boolean move(Caller caller, long id, String to) {
    return jdbc.sql("SELECT profile_pic.move_sync(?, ?, ?::text[], ?)")
        .param(id)
        .param(to)
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Boolean.class)
        .single();
  }

  private List<Sync> read(Caller caller, @Nullable Long only, long before, int most) {
    return jdbc.sql("SELECT * FROM profile_pic.list_syncs(?::text[], ?::bigint, ?, ?, ?)")
        .param(caller.reach())
        .param(only)
        .param(before)
        .param(most)
        .param(properties.worker().pacePerMinute())
        .query(this::sync)
        .list();
  }

  private static String @Nullable [] texts(
      @Nullable List<Map.Entry<String, String>> leads,
      Function<Map.Entry<String, String>, String> text) {
    return leads == null ? null : leads.stream().map(text).toArray(String[]::new);
  }

  private int paceOr(@Nullable Integer own) {
    return own == null ? properties.worker().pacePerMinute() : own;
  }

  private Sync sync(ResultSet row, int number) throws SQLException {
    var state = row.getString("state");
    var created = Times.of(row, "created_at");
    @Nullable Instant finished = Times.orNull(row, "finished_at");
    long done = row.getLong("done");
    return new Sync(
        true,
        row.getLong("id"),
        row.getString("instance_id"),
        row.getString("kind"),
        SyncFilter.of(row.getString("only_state"), row.getString("only_reason")),
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
        row.getObject("eta_seconds", Long.class));
  }
}
