package dev.profilepic.receiver.instances;

import dev.profilepic.receiver.instances.Instance.QuietHours;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The table of instances. */
@Component
class Instances {

  private static final TypeReference<Map<String, Long>> COUNTS = new TypeReference<>() {};
  private static final String SELECT =
      """
      SELECT coalesce(i.instance_id, s.instance_id) AS instance_id, i.pace_per_minute,
             coalesce(i.paused_until > statement_timestamp() + interval '50 years', false) AS paused,
             CASE WHEN i.paused_until > statement_timestamp() THEN i.paused_until END AS paused_until,
             CASE WHEN i.paused_until > statement_timestamp() THEN i.pause_reason END AS pause_reason,
             i.quiet_from, i.quiet_to, i.quiet_zone, coalesce(s.states, '{}')::text AS states
      FROM profile_pic.instances AS i
      FULL JOIN (
        SELECT p.instance_id, jsonb_object_agg(p.state, p.leads) AS states
        FROM profile_pic.states_by_instance AS p GROUP BY 1
      ) AS s ON s.instance_id = i.instance_id
      """;

  private final JdbcClient jdbc;
  private final TransactionTemplate transaction;
  private final JsonMapper json;
  private final InstantSource clock;

  Instances(
      JdbcClient jdbc, TransactionTemplate transaction, JsonMapper json, InstantSource clock) {
    this.jdbc = jdbc;
    this.transaction = transaction;
    this.json = json;
    this.clock = clock;
  }

  List<Instance> list() {
    return jdbc.sql(SELECT + " ORDER BY 1 LIMIT 1000").query(this::instance).list();
  }

  Optional<Instance> find(String id) {
    return jdbc.sql(SELECT + " WHERE coalesce(i.instance_id, s.instance_id) = ?")
        .param(id)
        .query(this::instance)
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

  private void pause(String id) {
    jdbc.sql("SELECT profile_pic.pause_instance(?)").param(id).query((row, number) -> id).list();
  }

  private void resume(String id) {
    jdbc.sql("SELECT profile_pic.resume_instance(?)").param(id).query((row, number) -> id).list();
  }

  private Instance instance(ResultSet row, int number) throws SQLException {
    @Nullable OffsetDateTime until = row.getObject("paused_until", OffsetDateTime.class);
    boolean paused = row.getBoolean("paused");
    @Nullable LocalTime from = row.getObject("quiet_from", LocalTime.class);
    @Nullable LocalTime to = row.getObject("quiet_to", LocalTime.class);
    @Nullable String zone = row.getString("quiet_zone");
    return new Instance(
        row.getString("instance_id"),
        row.getObject("pace_per_minute", Integer.class),
        paused,
        until == null || paused ? null : inTheFuture(until.toInstant()),
        row.getString("pause_reason"),
        from == null || to == null || zone == null
            ? null
            : new QuietHours(from.toString(), to.toString(), zone),
        json.readValue(row.getString("states"), COUNTS));
  }

  private @Nullable Instant inTheFuture(Instant until) {
    return until.isAfter(clock.instant()) ? until : null;
  }
}
