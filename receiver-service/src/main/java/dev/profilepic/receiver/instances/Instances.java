package dev.profilepic.receiver.instances;

import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.instances.Instance.QuietHours;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The instances, as far as a caller may see them. */
@Component
public class Instances {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final JdbcClient jdbc;
  private final LeadCounts leadCounts;
  private final SourceRules sources;
  private final InstantSource clock;

  Instances(
      OperatorDatabase database, LeadCounts leadCounts, SourceRules sources, InstantSource clock) {
    this.jdbc = database.jdbc();
    this.leadCounts = leadCounts;
    this.sources = sources;
    this.clock = clock;
  }

  /**
   * Returns the instances that are configured or have leads, in the order of their ids.
   *
   * @param after the id before the first instance; empty for the beginning
   */
  List<Instance> list(Caller caller, String after, int most) {
    return read(caller, null, after, most, leadCounts.counted());
  }

  /**
   * Returns the same list at once, for a page of the console. Its counts may be some minutes old.
   */
  public List<Instance> lately(Caller caller, String after, int most) {
    return read(caller, null, after, most, leadCounts.lately());
  }

  /** Returns one instance, for such a page. */
  public Optional<Instance> findLately(Caller caller, String id) {
    return read(caller, id, "", 1, leadCounts.lately()).stream().findFirst();
  }

  Optional<Instance> find(Caller caller, String id) {
    return read(caller, id, "", 1, leadCounts.counted()).stream().findFirst();
  }

  /**
   * Applies a change completely or not at all. An instance that is not known yet is added.
   *
   * @return whether the instance is the caller's
   */
  boolean apply(Caller caller, String id, InstanceChange change) {
    return jdbc.sql("SELECT profile_pic.change_instance(?, ?::jsonb, ?::text[], ?)")
        .param(id)
        .param(change.toJson(source -> sealed(id, source)).toString())
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Boolean.class)
        .single();
  }

  /** Returns the credential in Base64, sealed for this instance and gateway only. */
  private @Nullable String sealed(String id, SourceChange source) {
    var credential = source.credential();
    var url = source.url();
    if (credential == null || url == null) {
      return null;
    }
    var purpose = new SourceCredentials.Purpose(id, source.kind(), url, source.name());
    return Base64.getEncoder()
        .encodeToString(sources.credentials().orElseThrow().seal(credential, purpose));
  }

  private List<Instance> read(
      Caller caller, @Nullable String only, String after, int most, LeadCounts.Snapshot counted) {
    return jdbc.sql("SELECT * FROM profile_pic.list_instances(?::text[], ?::text[], ?::text, ?, ?)")
        .param(caller.reach())
        .param(counted.instanceIds().toArray(String[]::new))
        .param(only)
        .param(after)
        .param(most)
        .query((row, number) -> instance(row, counted))
        .list();
  }

  private Instance instance(ResultSet row, LeadCounts.Snapshot counted) throws SQLException {
    var id = row.getString("instance_id");
    @Nullable Instant until = Times.orNull(row, "paused_until");
    boolean paused = row.getBoolean("paused");
    var counts = counted.of(id);
    return new Instance(
        id,
        row.getObject("pace_per_minute", Integer.class),
        paused,
        until == null || paused ? null : inTheFuture(until),
        row.getString("pause_reason"),
        quietHours(row),
        workingHours(row),
        Times.orNull(row, "background_from"),
        source(row),
        row.getString("breaker"),
        Times.orNull(row, "breaker_changed_at"),
        connection(row),
        budget(row),
        counts.states(),
        counts.outcomes());
  }

  private static Instance.@Nullable Connection connection(ResultSet row) throws SQLException {
    @Nullable String state = row.getString("connection_state");
    @Nullable Instant restrictedUntil = Times.orNull(row, "restricted_until");
    return state == null && restrictedUntil == null
        ? null
        : new Instance.Connection(
            state,
            row.getString("connection_reason"),
            Times.orNull(row, "connection_until"),
            Times.orNull(row, "connection_at"),
            restrictedUntil);
  }

  private static @Nullable JsonNode budget(ResultSet row) throws SQLException {
    @Nullable String written = row.getString("budget");
    return written == null ? null : JSON.readTree(written);
  }

  private static @Nullable QuietHours quietHours(ResultSet row) throws SQLException {
    @Nullable LocalTime from = row.getObject("quiet_from", LocalTime.class);
    @Nullable LocalTime to = row.getObject("quiet_to", LocalTime.class);
    @Nullable String zone = row.getString("quiet_zone");
    return from == null || to == null || zone == null
        ? null
        : new QuietHours(from.toString(), to.toString(), zone);
  }

  private static @Nullable WorkingHours workingHours(ResultSet row) throws SQLException {
    @Nullable String zone = row.getString("hours_zone");
    if (zone == null) {
      return null;
    }
    return new WorkingHours(
        Stream.of((Integer[]) row.getArray("hours_days").getArray())
            .map(WorkingHours::dayOf)
            .toList(),
        row.getObject("hours_from", LocalTime.class).toString(),
        row.getObject("hours_to", LocalTime.class).toString(),
        zone,
        !row.getBoolean("hours_own"));
  }

  private static @Nullable InstanceSource source(ResultSet row) throws SQLException {
    @Nullable String kind = row.getString("source_kind");
    return kind == null
        ? null
        : InstanceSource.of(
            kind,
            row.getString("source_url"),
            row.getString("source_name"),
            row.getBoolean("source_sealed"),
            row.getString("source_credential_env"));
  }

  private @Nullable Instant inTheFuture(Instant until) {
    return until.isAfter(clock.instant()) ? until : null;
  }
}
