package dev.profilepic.receiver.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API as {@code openapi.yaml} describes it. */
final class DescribedApi {

  static final JsonMapper JSON = JsonMapper.builder().build();
  static final JsonNode API =
      JSON.valueToTree(
          new Yaml()
              .<Map<String, Object>>load(
                  Markdown.read(Path.of("src/main/resources/openapi.yaml"))));

  private DescribedApi() {}

  /**
   * Finds the operation for a concrete path. If {@code method} is null, any operation of the path.
   */
  static Optional<JsonNode> operation(@Nullable String method, String path) {
    var wanted = path.split("/", -1);
    for (var template : API.path("paths").propertyNames()) {
      var item = API.path("paths").path(template);
      if (fits(template.split("/", -1), wanted)) {
        var operation =
            method == null ? item.iterator().next() : item.path(method.toLowerCase(Locale.ROOT));
        if (!operation.isMissingNode()) {
          return Optional.of(operation);
        }
      }
    }
    return Optional.empty();
  }

  private static boolean fits(String[] template, String[] wanted) {
    boolean fits = template.length == wanted.length;
    for (int i = 0; fits && i < template.length; i++) {
      fits = template[i].startsWith("{") ? !wanted[i].isEmpty() : template[i].equals(wanted[i]);
    }
    return fits;
  }

  static JsonNode bodyOf(JsonNode operation) {
    return resolved(operation.at("/requestBody/content/application~1json/schema"));
  }

  /** Checks the names in a value, as deep as the schema names properties. */
  static void namesAreKnown(JsonNode value, JsonNode schema, String where) {
    var properties = schema.path("properties");
    if (value.isObject() && properties.isObject()) {
      value.forEachEntry((name, inner) -> {
        assertThat(properties.has(name)).as("%s: %s", name, where).isTrue();
        namesAreKnown(inner, resolved(properties.path(name)), where);
      });
    }
    value.forEach(item -> {
      if (value.isArray()) {
        namesAreKnown(item, resolved(schema.path("items")), where);
      }
    });
  }

  static JsonNode resolved(JsonNode schema) {
    var one = schema.has("oneOf") ? schema.path("oneOf").path(0) : schema;
    return one.has("$ref") ? API.at(one.path("$ref").asString().substring(1)) : one;
  }

  static void collectNames(JsonNode node, Set<String> names) {
    node.path("properties").propertyNames().forEach(names::add);
    node.forEach(inner -> collectNames(inner, names));
  }
}
