package dev.profilepic.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The routes of a receiver, read from its {@code openapi.yaml}, so that a new route is included
 * automatically.
 */
public final class Routes {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> METHODS =
      Set.of("get", "head", "post", "put", "patch", "delete", "options");

  private final JsonNode document;

  private Routes(JsonNode document) {
    this.document = document;
  }

  /**
   * A route.
   *
   * @param method in capitals
   * @param path with the parameters' names in braces
   * @param parameters of its path and query
   */
  public record Route(String method, String path, List<Parameter> parameters) {}

  /**
   * A parameter.
   *
   * @param in path, query or header
   * @param values the only values that are understood; empty when any value may be sent
   */
  public record Parameter(String name, String in, List<String> values) {}

  /**
   * @param openapi the document's text
   */
  public static List<Route> in(String openapi) {
    return new Routes(JSON.valueToTree(new Yaml().<Map<String, Object>>load(openapi))).routes();
  }

  private List<Route> routes() {
    var routes = new ArrayList<Route>();
    document
        .path("paths")
        .forEachEntry((path, item) ->
            item.forEachEntry((method, operation) -> {
              if (METHODS.contains(method)) {
                var parameters = new ArrayList<Parameter>();
                item.path("parameters").forEach(each -> parameters.add(parameter(each)));
                operation.path("parameters").forEach(each -> parameters.add(parameter(each)));
                routes.add(
                    new Route(method.toUpperCase(Locale.ROOT), path, List.copyOf(parameters)));
              }
            }));
    return List.copyOf(routes);
  }

  private Parameter parameter(JsonNode reference) {
    var node =
        reference.has("$ref")
            ? document.at(reference.path("$ref").asString().substring(1))
            : reference;
    var values = new ArrayList<String>();
    node.path("schema").path("enum").forEach(value -> values.add(value.asString()));
    return new Parameter(
        node.path("name").asString(), node.path("in").asString(), List.copyOf(values));
  }
}
