package dev.profilepic.receiver.instances;

import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.receiver.instances.Instance.QuietHours;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** The table of instances. */
@Component
class Instances {

  private static final String SELECT =
      """
      SELECT known.instance_id, i.pace_per_minute,
             coalesce(i.paused_until > statement_timestamp() + interval '50 years', false) AS paused,
             CASE WHEN i.paused_until > statement_timestamp() THEN i.paused_until END AS paused_until,
             CASE WHEN i.paused_until > statement_timestamp() THEN i.pause_reason END AS pause_reason,
             i.quiet_from, i.quiet_to, i.quiet_zone,
             i.source_kind, i.source_url, i.source_name, i.source_credential IS NOT NULL AS source_sealed, i.source_credential_env,
             coalesce(i.breaker, 'CLOSED') AS breaker, i.breaker_changed_at
      FROM (
        SELECT instance_id FROM profile_pic.instances UNION SELECT unnest(:counted::text[])
      ) AS known
      LEFT JOIN profile_pic.instances AS i ON i.instance_id = known.instance_id
      """;

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final Results results;
  private final SourceRules sources;
  private final InstantSource clock;

  Instances(
      JdbcClient jdbc,
      TransactionTemplate transaction,
      Results results,
      SourceRules sources,
      InstantSource clock) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.results = results;
    this.sources = sources;
    this.clock = clock;
  }

  /**
   * The instances that were configured, or that have leads, in the order of their ids.
   *
   * @param after the id before the first one; empty for the beginning
   */
  List<Instance> list(String after, int most) {
    var counted = results.counted();
    return jdbc.sql(
            SELECT
                + """
                WHERE known.instance_id COLLATE "C" > :after ORDER BY known.instance_id COLLATE "C" LIMIT :most
                """)
        .param("counted", counted.instanceIds().toArray(String[]::new))
        .param("after", after)
        .param("most", most)
        .query((row, number) -> instance(row, counted))
        .list();
  }

  Optional<Instance> find(String id) {
    var counted = results.counted();
    return jdbc.sql(SELECT + " WHERE known.instance_id = :id")
        .param("counted", counted.instanceIds().toArray(String[]::new))
        .param("id", id)
        .query((row, number) -> instance(row, counted))
        .optional();
  }

  /** Applies a change, all of it or nothing; an instance that nobody knows yet is noted. */
  void apply(String id, InstanceChange change) {
    transaction.executeWithoutResult(status -> {
      jdbc.sql(
              """
              INSERT INTO profile_pic.instances (instance_id) VALUES (?) ON CONFLICT DO NOTHING
              """)
          .param(id)
          .update();
      change.pace().ifPresent(pace -> setPace(id, pace.orElse(null)));
      change.quietHours().ifPresent(quiet -> setQuietHours(id, quiet.orElse(null)));
      change.source().ifPresent(source -> setSource(id, source.orElse(null)));
      change
          .paused()
          .ifPresent(paused -> {
            if (paused) {
              pause(id);
            } else {
              resume(id);
            }
          });
    });
  }

  private void setPace(String id, @Nullable Integer pace) {
    jdbc.sql(
            "UPDATE profile_pic.instances SET pace_per_minute = :pace, updated_at = statement_timestamp() WHERE instance_id = :id")
        .param("pace", pace)
        .param("id", id)
        .update();
  }

  private void setQuietHours(String id, @Nullable QuietHours quiet) {
    jdbc.sql(
            """
            UPDATE profile_pic.instances
            SET quiet_from = :from::time, quiet_to = :to::time, quiet_zone = :zone, updated_at = statement_timestamp()
            WHERE instance_id = :id
            """)
        .param("from", quiet == null ? null : quiet.from())
        .param("to", quiet == null ? null : quiet.to())
        .param("zone", quiet == null ? null : quiet.zone())
        .param("id", id)
        .update();
  }

  private void setSource(String id, @Nullable SourceChange source) {
    jdbc.sql(
            """
            UPDATE profile_pic.instances
            SET source_kind = :kind, source_url = :url, source_name = :name, source_credential = :sealed,
                source_credential_env = :variable, updated_at = statement_timestamp()
            WHERE instance_id = :id
            """)
        .param("kind", source == null ? null : source.kind().id())
        .param("url", source == null ? null : source.url())
        .param("name", source == null ? null : source.name())
        .param("sealed", source == null ? null : sealed(id, source), Types.BINARY)
        .param("variable", source == null ? null : source.variable())
        .param("id", id)
        .update();
  }

  private byte @Nullable [] sealed(String id, SourceChange source) {
    var credential = source.credential();
    var url = source.url();
    return credential == null || url == null
        ? null
        : sources
            .credentials()
            .orElseThrow()
            .seal(credential, new SourceCredentials.Purpose(id, source.kind(), url, source.name()));
  }

  private void pause(String id) {
    jdbc.sql("SELECT profile_pic.pause_instance(?)").param(id).query((row, number) -> id).list();
  }

  private void resume(String id) {
    jdbc.sql("SELECT profile_pic.resume_instance(?)").param(id).query((row, number) -> id).list();
  }

  private Instance instance(ResultSet row, Results.Snapshot counted) throws SQLException {
    var id = row.getString("instance_id");
    @Nullable Instant until = time(row, "paused_until");
    boolean paused = row.getBoolean("paused");
    var counts = counted.of(id);
    return new Instance(
        id,
        row.getObject("pace_per_minute", Integer.class),
        paused,
        until == null || paused ? null : inTheFuture(until),
        row.getString("pause_reason"),
        quietHours(row),
        source(row),
        row.getString("breaker"),
        time(row, "breaker_changed_at"),
        counts.states(),
        counts.outcomes());
  }

  private static @Nullable QuietHours quietHours(ResultSet row) throws SQLException {
    @Nullable LocalTime from = row.getObject("quiet_from", LocalTime.class);
    @Nullable LocalTime to = row.getObject("quiet_to", LocalTime.class);
    @Nullable String zone = row.getString("quiet_zone");
    return from == null || to == null || zone == null
        ? null
        : new QuietHours(from.toString(), to.toString(), zone);
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

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    @Nullable OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  private @Nullable Instant inTheFuture(Instant until) {
    return until.isAfter(clock.instant()) ? until : null;
  }
}
