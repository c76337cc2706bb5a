package dev.profilepic.receiver.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The workflows that people import into n8n. */
class N8nWorkflowsTest {

  @ParameterizedTest
  @ValueSource(strings = {"lead-photo", "bulk-sync", "evolution-in-front"})
  void aWorkflowForN8nCallsWhatTheApiHasAndConnectsNodesThatAreThere(String name) {
    var text = Markdown.read(Path.of("../examples/n8n", name + ".json"));
    var workflow = DescribedApi.JSON.readTree(text);
    var nodes = new TreeSet<String>();
    workflow.path("nodes").forEach(node -> nodes.add(node.path("name").asString()));

    assertThat(workflow.path("nodes").size()).isEqualTo(nodes.size()).isPositive();
    workflow
        .path("connections")
        .forEachEntry((from, to) -> {
          assertThat(nodes).contains(from);
          to.path("main")
              .forEach(branch ->
                  branch.forEach(next -> assertThat(nodes).contains(next.path("node").asString())));
        });
    assertThat(nodes).containsAll(Markdown.found(Pattern.compile("\\$\\('([^']+)'\\)"), text));
    for (var node : workflow.path("nodes")) {
      if (node.path("type").asString().equals("n8n-nodes-base.httpRequest")) {
        callsTheApi(node.path("parameters"));
      }
    }
  }

  private static void callsTheApi(JsonNode parameters) {
    var receiver = "={{ $('Settings').first().json.receiver }}";
    var url = parameters.path("url").asString();
    assertThat(url).startsWith(receiver);
    var path = url.substring(receiver.length()).replaceAll("\\{\\{.*?}}", "x");
    var operation = DescribedApi.operation(parameters.path("method").asString("GET"), path);

    assertThat(operation).as(path).isPresent();
    var properties = DescribedApi.bodyOf(operation.orElseThrow()).path("properties");
    Markdown.found(Pattern.compile("[{,] (\\w+):"), parameters.path("jsonBody").asString(""))
        .forEach(name -> assertThat(properties.has(name)).as(path + " " + name).isTrue());
  }
}
