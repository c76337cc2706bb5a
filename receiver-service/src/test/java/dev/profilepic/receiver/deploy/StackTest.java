package dev.profilepic.receiver.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Invariants of the stack for Swarm and Portainer. */
class StackTest {

  private static final Path ROOT = Path.of("..");
  private static final Path FILE = ROOT.resolve("deploy/stack.yml");
  private static final Pattern SECRET =
      Pattern.compile(".*(PASSWORD|SECRET(_[A-Z]+)?|TOKENS?|KEY|CREDENTIAL)");
  private static final List<String> OURS = List.of("receiver", "worker", "bridge");

  /** Keys that {@code docker stack deploy} ignores, so that a setting would have no effect. */
  private static final List<String> IGNORED =
      List.of(
          "build",
          "cgroup_parent",
          "container_name",
          "depends_on",
          "mem_limit",
          "network_mode",
          "profiles",
          "restart",
          "security_opt",
          "shm_size");

  @ParameterizedTest
  @MethodSource("services")
  void everySecretComesAsAFileOfSwarm(JsonNode service) throws IOException {
    var mounted = texts(service.path("secrets"));
    var used = new TreeSet<String>();

    for (var name : service.path("environment").propertyNames()) {
      var value = service.path("environment").path(name).asString();
      if (name.endsWith("_FILE")) {
        assertThat(value).startsWith("/run/secrets/");
        used.add(value.substring("/run/secrets/".length()));
      } else {
        assertThat(SECRET.matcher(name).matches()).as(name + " is a secret in the open").isFalse();
      }
    }

    assertThat(mounted).containsExactlyInAnyOrderElementsOf(used);
    for (var secret : mounted) {
      assertThat(
              ComposeTest.document(FILE).path("secrets").path(secret).path("external").asBoolean())
          .as(secret)
          .isTrue();
    }
  }

  @Test
  void everySecretIsMadeByTheScriptAndUsed() throws IOException {
    var script = Files.readString(ROOT.resolve("deploy/make-secrets"));
    var used = new TreeSet<String>();
    for (var service : ComposeTest.document(FILE).path("services")) {
      used.addAll(texts(service.path("secrets")));
    }

    assertThat(ComposeTest.document(FILE).path("secrets").propertyNames())
        .containsExactlyInAnyOrderElementsOf(used)
        .allSatisfy(name -> assertThat(script).contains(name.substring("profile_pic_".length())));
  }

  @ParameterizedTest
  @MethodSource("services")
  void itHasNoPrivilegesAndNothingThatSwarmIgnores(JsonNode service) {
    assertThat(service.path("cap_drop").toString()).isEqualTo("[\"ALL\"]");
    assertThat(service.path("read_only").asBoolean(false)).isTrue();
    assertThat(service.path("tmpfs").toString()).contains("\"/tmp\"");
    assertThat(service.has("cap_add")).isFalse();
    assertThat(IGNORED).noneMatch(service::has);
  }

  @ParameterizedTest
  @MethodSource("services")
  void onlyTraefikReachesItFromOutsideAndOnlyThroughTls(JsonNode service) {
    assertThat(service.has("ports")).isFalse();
    var labels = service.path("deploy").path("labels");
    var networks = texts(service.path("networks"));

    assertThat(networks.contains("traefik")).isEqualTo(labels.has("traefik.enable"));
    for (var name : labels.propertyNames()) {
      if (name.endsWith(".rule")) {
        var router = name.substring(0, name.length() - ".rule".length());
        assertThat(labels.path(router + ".tls").asString()).isEqualTo("true");
        assertThat(labels.path(router + ".tls.certresolver").asString()).isNotEmpty();
        assertThat(labels.path(router + ".entrypoints").asString()).contains("websecure");
      }
      assertThat(labels.path(name).asString()).as("metrics").isNotIn("9080", "9081");
    }
  }

  @ParameterizedTest
  @MethodSource("ours")
  void itIsToldWhatComposeTells(String name) throws IOException {
    var compose = ComposeTest.document(ROOT.resolve("docker-compose.yml"));
    // Swarm requires each secret that the file names, so the file leaves out optional secrets: for
    // gateways of other vendors, of which one is used at a time, for a bucket, and for a change of
    // secrets.
    var left =
        Set.of(
            "PROFILE_PIC_AVATARS_FORMER_SIGNING_SECRET",
            "PROFILE_PIC_SOURCE_CREDENTIAL",
            "PROFILE_PIC_STORE_S3_ACCESS_KEY",
            "PROFILE_PIC_STORE_S3_SECRET_KEY",
            "PROFILE_PIC_WEBHOOK_SECRET_EVOLUTION",
            "PROFILE_PIC_WEBHOOK_SECRET_WAHA",
            "PROFILE_PIC_WEBHOOK_SECRET_WHATSAPP_WEB",
            "PROFILE_PIC_WEBHOOK_SECRET_WUZAPI");

    assertThat(toldTo(ComposeTest.document(FILE), name))
        .containsExactlyInAnyOrderElementsOf(
            toldTo(compose, name).stream().filter(variable -> !left.contains(variable)).toList());
  }

  @ParameterizedTest
  @MethodSource("ours")
  void anUpgradeReplacesOneAtATimeAndTakesItselfBack(String name) throws IOException {
    var deploy = ComposeTest.document(FILE).path("services").path(name).path("deploy");

    assertThat(deploy.at("/update_config/failure_action").asString()).isEqualTo("rollback");
    assertThat(deploy.at("/update_config/order").asString())
        .isEqualTo(name.equals("bridge") ? "stop-first" : "start-first");
    assertThat(deploy.at("/restart_policy/condition").asString()).isEqualTo("any");
    assertThat(deploy.at("/resources/limits/memory").asString()).isNotEmpty();
    assertThat(deploy.path("endpoint_mode").asString())
        .as("Prometheus finds every replica")
        .isEqualTo("dnsrr");
  }

  @Test
  void thereMayBeMoreWorkersAndTheyHaveTheTimeToDrain() throws IOException {
    var stack = ComposeTest.document(FILE).path("services");
    var compose = ComposeTest.document(ROOT.resolve("docker-compose.yml")).path("services");

    assertThat(stack.at("/worker/deploy/replicas").asString()).startsWith("${WORKER_REPLICAS:-");
    for (var name : List.of("postgres", "receiver", "worker", "bridge")) {
      assertThat(stack.path(name).path("stop_grace_period"))
          .as(name)
          .isEqualTo(compose.path(name).path("stop_grace_period"));
    }
  }

  @Test
  void twoDatabasesNeverShareAVolume() throws IOException {
    var deploy = ComposeTest.document(FILE).path("services").path("postgres").path("deploy");

    assertThat(deploy.path("replicas").asInt()).isEqualTo(1);
    assertThat(deploy.at("/update_config/order").asString()).isEqualTo("stop-first");
    assertThat(deploy.at("/placement/constraints").size()).isEqualTo(1);
  }

  @Test
  void theFilesThatItHandsOverAreThereAndAreNewWithEachVersion() throws IOException {
    for (var config : ComposeTest.document(FILE).path("configs")) {
      assertThat(ROOT.resolve("deploy").resolve(config.path("file").asString())).exists();
      assertThat(config.path("name").asString()).endsWith("_${PROFILE_PIC_VERSION}");
    }
  }

  static Stream<Named<JsonNode>> services() throws IOException {
    var services = ComposeTest.document(FILE).path("services");
    return services.propertyNames().stream().map(name -> Named.of(name, services.path(name)));
  }

  static List<String> ours() {
    return OURS;
  }

  /** Returns the variables of a service, whether set directly or through a file. */
  private static List<String> toldTo(JsonNode document, String service) {
    return document.path("services").path(service).path("environment").propertyNames().stream()
        .map(name -> name.replaceFirst("_FILE$", ""))
        .toList();
  }

  private static List<String> texts(JsonNode array) {
    var texts = new ArrayList<String>();
    array.forEach(each -> texts.add(each.asString()));
    return texts;
  }
}
