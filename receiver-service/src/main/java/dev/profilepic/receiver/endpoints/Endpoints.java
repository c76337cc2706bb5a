package dev.profilepic.receiver.endpoints;

import dev.profilepic.contract.EndpointKind;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Texts;
import dev.profilepic.receiver.database.Times;
import dev.profilepic.receiver.instances.SourceRules;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The webhook endpoints, as far as a caller may see them. Each method calls a function of R__38.
 */
@Component
class Endpoints {

  private static final String NO_KEY = "PROFILE_PIC_SOURCES_KEY is not set";

  private final JdbcClient jdbc;
  private final SourceRules rules;
  private final JsonMapper json;

  Endpoints(OperatorDatabase database, SourceRules rules, JsonMapper json) {
    this.jdbc = database.jdbc();
    this.rules = rules;
    this.json = json;
  }

  /**
   * @param endpoint kind, url, events, instances, settings and description
   * @return its id; empty when an instance is not the caller's
   */
  OptionalLong add(Caller caller, EndpointKind kind, ObjectNode endpoint, String secret) {
    endpoint.put("sealed", sealed(kind, endpoint.path("url").asString(), secret));
    return jdbc.sql("SELECT profile_pic.add_endpoint(?::jsonb, ?::text[], ?)")
        .param(endpoint.toString())
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Endpoints::numberIfAny)
        .single();
  }

  List<Endpoint> list(Caller caller, long before, int most) {
    return read(caller, null, before, most);
  }

  Optional<Endpoint> find(Caller caller, long id) {
    return read(caller, id, Long.MAX_VALUE, 1).stream().findFirst();
  }

  /**
   * @param changes in the form of {@code profile_pic.change_endpoint}
   * @return whether the endpoint is the caller's
   */
  boolean change(Caller caller, long id, ObjectNode changes) {
    return jdbc.sql("SELECT profile_pic.change_endpoint(?, ?::jsonb, ?::text[], ?)")
        .param(id)
        .param(changes.toString())
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Boolean.class)
        .single();
  }

  /** Returns the change that gives an endpoint a new secret. */
  ObjectNode newSecret(Endpoint endpoint, String secret) {
    var kind = EndpointKind.of(endpoint.kind()).orElseThrow();
    return json.createObjectNode().put("sealed", sealed(kind, endpoint.url(), secret));
  }

  boolean drop(Caller caller, long id) {
    return jdbc.sql("SELECT profile_pic.drop_endpoint(?, ?::text[], ?)")
        .param(id)
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Boolean.class)
        .single();
  }

  /**
   * Returns the secret that the endpoint checks our signatures with; empty when the endpoint is not
   * the caller's.
   */
  Optional<String> secret(Caller caller, long id) {
    return jdbc.sql("SELECT kind, url, secret FROM profile_pic.endpoint_secret(?, ?::text[])")
        .param(id)
        .param(caller.reach())
        .query((row, number) -> {
          var kind = EndpointKind.of(row.getString("kind")).orElseThrow();
          return kind == EndpointKind.WEBHOOK
              ? opened(row.getBytes("secret"), kind, row.getString("url"))
              : Optional.<String>empty();
        })
        .optional()
        .flatMap(secret -> secret);
  }

  List<Delivery> deliveries(Caller caller, long id, long before, int most) {
    return jdbc.sql("SELECT * FROM profile_pic.list_deliveries(?, ?::text[], ?, ?)")
        .param(id)
        .param(caller.reach())
        .param(before)
        .param(most)
        .query((row, number) ->
            new Delivery(
                row.getLong("id"),
                row.getString("uid"),
                row.getString("type"),
                Times.of(row, "at"),
                row.getString("lead_id"),
                row.getString("instance_id"),
                row.getString("state"),
                row.getInt("attempts"),
                Times.orNull(row, "next_at"),
                Times.orNull(row, "tried_at"),
                row.getObject("status", Integer.class),
                row.getString("detail")))
        .list();
  }

  /**
   * @return the number of events; empty when the endpoint is not the caller's
   */
  OptionalLong replay(Caller caller, long id, Instant from, Instant to) {
    return jdbc.sql("SELECT profile_pic.replay_events(?, ?, ?, ?::text[], ?)")
        .param(id)
        .param(from.atOffset(ZoneOffset.UTC))
        .param(to.atOffset(ZoneOffset.UTC))
        .param(caller.reach())
        .param(caller.getPrincipal())
        .query(Endpoints::numberIfAny)
        .single();
  }

  private List<Endpoint> read(Caller caller, @Nullable Long only, long before, int most) {
    return jdbc.sql("SELECT * FROM profile_pic.list_endpoints(?::text[], ?::bigint, ?, ?)")
        .param(caller.reach())
        .param(only)
        .param(before)
        .param(most)
        .query((row, number) ->
            new Endpoint(
                row.getLong("id"),
                row.getString("kind"),
                row.getString("url"),
                Texts.of(row, "events"),
                Texts.orNull(row, "instances"),
                json.readTree(row.getString("settings")),
                row.getString("description"),
                row.getBoolean("enabled"),
                row.getString("disabled_why"),
                Times.orNull(row, "failing_since"),
                Times.of(row, "created_at"),
                row.getLong("pending")))
        .list();
  }

  private String sealed(EndpointKind kind, String url, String secret) {
    var sealed =
        rules
            .credentials()
            .orElseThrow(() -> new IllegalStateException(NO_KEY))
            .seal(secret, new SourceCredentials.Endpoint(kind, url));
    return Base64.getEncoder().encodeToString(sealed);
  }

  private Optional<String> opened(byte[] sealed, EndpointKind kind, String url) {
    return rules
        .credentials()
        .flatMap(
            credentials -> credentials.open(sealed, new SourceCredentials.Endpoint(kind, url)));
  }

  private static OptionalLong numberIfAny(ResultSet row, int number) throws SQLException {
    long value = row.getLong(1);
    return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
