package dev.profilepic.receiver.webhooks;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Webhooks that no reader could read: the number of each kind, and the shape of the newest webhook,
 * so that an operator sees why nothing happens. Values of fields are not kept, except the name of
 * the event.
 */
@Component
class UnrecognisedWebhooks {

  private static final Set<String> TELLING = Set.of("event", "EventType", "type");
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z_.-]{0,60}");
  private static final Pattern FIELD = Pattern.compile("(?!.*[0-9]{4})[A-Za-z0-9_.$-]{1,60}");
  private static final int MOST_ELEMENTS = 2;
  private static final int DEEPEST = 8;

  /** Counts the unreadable bodies of one kind. */
  public record Unrecognised(
      String kind,
      @JsonProperty("instance_id") @Nullable String instanceId,
      long count,
      @JsonProperty("first_at") Instant firstAt,
      @JsonProperty("last_at") Instant lastAt,
      JsonNode sample) {}

  private final JdbcClient jdbc;
  private final OperatorDatabase operators;
  private final JsonMapper json;

  UnrecognisedWebhooks(JdbcClient jdbc, OperatorDatabase operators, JsonMapper json) {
    this.jdbc = jdbc;
    this.operators = operators;
    this.json = json;
  }

  void count(String kind, @Nullable String instance, JsonNode body) {
    jdbc.sql("SELECT 1 FROM profile_pic.count_unrecognised(?, ?, ?)")
        .param(kind)
        .param(instance)
        .param(masked("", body, 0).toString())
        .query(Integer.class)
        .list();
  }

  /** Returns the counts, newest first. */
  List<Unrecognised> list(Caller caller) {
    return operators
        .jdbc()
        .sql(
            "SELECT kind, instance_id, seen, first_at, last_at, sample FROM profile_pic.list_unrecognised(?::text[])")
        .param(caller.reach())
        .query((row, number) ->
            new Unrecognised(
                row.getString("kind"),
                row.getString("instance_id").isEmpty() ? null : row.getString("instance_id"),
                row.getLong("seen"),
                Times.of(row, "first_at"),
                Times.of(row, "last_at"),
                sample(row.getString("sample"))))
        .list();
  }

  /** Returns a stored shape. Long shapes were cut and are no JSON, so they are shown as text. */
  private JsonNode sample(String text) {
    try {
      return json.readTree(text);
    } catch (tools.jackson.core.JacksonException cut) {
      return JsonNodeFactory.instance.stringNode(text);
    }
  }

  private static JsonNode masked(String name, JsonNode node, int depth) {
    var nodes = JsonNodeFactory.instance;
    if (node.isContainer() && depth > DEEPEST) {
      return nodes.stringNode("…");
    }
    if (node instanceof ObjectNode object) {
      var copy = nodes.objectNode();
      object.forEachEntry((field, value) ->
          copy.set(FIELD.matcher(field).matches() ? field : "…", masked(field, value, depth + 1)));
      return copy;
    }
    if (node.isArray()) {
      var copy = nodes.arrayNode();
      node.valueStream()
          .limit(MOST_ELEMENTS)
          .forEach(each -> copy.add(masked(name, each, depth + 1)));
      return copy;
    }
    if (node.isString()) {
      boolean telling = TELLING.contains(name) && NAME.matcher(node.asString()).matches();
      return telling ? node : nodes.stringNode("…");
    }
    return node.isNumber() ? nodes.numberNode(0) : node;
  }
}
