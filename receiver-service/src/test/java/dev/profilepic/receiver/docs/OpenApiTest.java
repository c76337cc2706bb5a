package dev.profilepic.receiver.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import dev.profilepic.receiver.support.ReceiverTest;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OpenApiTest extends ReceiverTest {

  private static final Set<String> METHODS = Set.of("get", "post", "patch", "delete");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @Autowired private RequestMappingHandlerMapping requestMappingHandlerMapping;

  private JsonNode document = JSON.createObjectNode();

  @BeforeEach
  void read() {
    document =
        JSON.valueToTree(new Yaml().<Map<String, Object>>load(http.get("/openapi.yaml").text()));
  }

  @Test
  void everyEndpointIsDescribedAndNothingElse() {
    var described = new TreeSet<String>();
    document
        .path("paths")
        .forEachEntry((path, item) ->
            item.forEachEntry((method, operation) -> {
              if (METHODS.contains(method)) {
                described.add(method + " " + path);
              }
            }));
    var mapped = new TreeSet<String>();
    requestMappingHandlerMapping
        .getHandlerMethods()
        .forEach((info, handler) ->
            info.getMethodsCondition()
                .getMethods()
                .forEach(method ->
                    info.getPatternValues()
                        .forEach(path ->
                            mapped.add(
                                method.name().toLowerCase(java.util.Locale.ROOT) + " " + path))));
    mapped.remove("get /openapi.yaml");
    // Pages are for people, not part of the API. ConsoleRightsTest covers the pages.
    mapped.removeIf(OpenApiTest::isPage);

    assertThat(described).isEqualTo(mapped);
    assertThat(document.path("openapi").asString()).startsWith("3.1");
  }

  @Test
  void answersAreAsDescribed() {
    var lead = newLead("5562999212484", "openapi");
    var body = "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\"}".formatted(lead);

    matches("post", "/profile-pics", http.post("/profile-pics", body));
    matches("post", "/profile-pics", http.post("/profile-pics", "{}"));
    matches("post", "/webhooks/{kind}", http.post("/webhooks/waha", "{}"));
    matches("get", "/leads/{id}/profile-pic", http.get("/leads/" + lead + "/profile-pic"));
    matches("get", "/leads/{id}/profile-pic", http.get("/leads/none/profile-pic"));
    matches(
        "get",
        "/leads/{id}/profile-pic/history",
        http.get("/leads/" + lead + "/profile-pic/history"));
    matches(
        "post",
        "/leads/{id}/profile-pic/refresh",
        http.post("/leads/" + lead + "/profile-pic/refresh", ""));
    var started = http.post("/instance/openapi/sync-profile-pics-bulk", "{}");
    matches("post", "/instance/{instance}/sync-profile-pics-bulk", started);
    var sync = "/syncs/" + started.json().path("sync_id").asLong();
    matches("get", "/syncs/{id}", http.get(sync));
    matches("get", "/syncs", http.get("/syncs"));
    matches("get", "/bulk-sync-status", http.get("/bulk-sync-status"));
    matches("post", "/syncs/{id}/cancel", http.post(sync + "/cancel", ""));
    matches(
        "patch", "/instances/{id}", http.patch("/instances/openapi", "{\"pace_per_minute\": 5}"));
    matches(
        "patch",
        "/instances/{id}",
        http.patch(
            "/instances/openapi",
            "{\"source\": {\"kind\": \"waha\", \"url\": \"https://waha.example\"}}"));
    matches("get", "/instances", http.get("/instances"));
    matches("get", "/audit", http.get("/audit"));
    http.patch("/instances/openapi", "{\"source\": null}");
    matches("get", "/dead-letters", http.get("/dead-letters"));
    matches("post", "/dead-letters/replay", http.post("/dead-letters/replay", "{\"ids\": [1]}"));
  }

  @Test
  void localModeHasAPageToTryItOn() {
    assertThat(withKey(null).get("/docs/index.html").text()).contains("start.js");
    assertThat(withKey(null).get("/docs/swagger-ui.css").status()).isEqualTo(200);
    for (var path : new String[] {"/docs", "/docs/"}) {
      var moved = withKey(null).get(path);
      assertThat(moved.status()).as(path).isEqualTo(302);
      assertThat(moved.header("location")).as(path).endsWith("/docs/index.html");
    }
  }

  private static boolean isPage(String route) {
    return route.endsWith(" /") || route.contains(" /console/");
  }

  private void matches(String method, String path, Answer answer) {
    var responses = document.path("paths").path(path).path(method).path("responses");
    var status = Integer.toString(answer.status());
    var response =
        resolved(responses.has(status) ? responses.path(status) : responses.path("default"));
    var type = answer.header("content-type").replaceAll(";.*", "");
    var schema = response.path("content").path(type).path("schema");
    assertThat(schema.isMissingNode()).as("%s %s %s %s", method, path, status, type).isFalse();
    check(answer.json(), schema, method + " " + path);
  }

  /** Checks a value with the part of JSON Schema that the document uses for responses. */
  private void check(JsonNode value, JsonNode reference, String where) {
    var schema = resolved(reference);
    schema
        .path("required")
        .forEach(
            name -> assertThat(value.has(name.asString())).as("%s has %s", where, name).isTrue());
    if (schema.has("enum")) {
      assertThat(schema.path("enum").toString()).as(where).contains(value.toString());
    }
    assertThat(types(schema)).as("%s: %s", where, value).contains(typeOf(value));
    if (value.isObject() && schema.has("properties")) {
      value.forEachEntry((name, inner) -> {
        assertThat(schema.path("properties").has(name)).as("%s describes %s", where, name).isTrue();
        check(inner, schema.path("properties").path(name), where + "." + name);
      });
    }
    if (value.isArray()) {
      value.forEach(item -> check(item, schema.path("items"), where + "[]"));
    }
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asString().substring(1)) : node;
  }

  private static Set<String> types(JsonNode schema) {
    var types = new TreeSet<String>();
    var type = schema.path("type");
    if (type.isArray()) {
      type.forEach(each -> types.add(each.asString()));
    } else {
      types.add(type.asString());
    }
    if (types.contains("number")) {
      types.add("integer");
    }
    return types;
  }

  private static String typeOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL -> "null";
      case BOOLEAN -> "boolean";
      case STRING -> "string";
      case ARRAY -> "array";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      default -> "object";
    };
  }
}
