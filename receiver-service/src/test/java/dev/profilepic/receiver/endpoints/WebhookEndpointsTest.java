package dev.profilepic.receiver.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class WebhookEndpointsTest extends ReceiverTest {

  private final String instance = "hooks_" + UUID.randomUUID();

  @Test
  void anEndpointIsToldOfAllUnlessItSaysWhatItWants() {
    var all = add("{\"url\": \"https://crm.example.com/hooks\"}");
    var some =
        add(
            "{\"url\": \"https://crm.example.com/hooks\", \"events\": [\"lead.failed\"], \"instances\": [\"%s\"]}"
                .formatted(instance));

    assertThat(all.path("events")).hasSize(6);
    assertThat(all.path("instances").isNull()).isTrue();
    assertThat(all.path("enabled").asBoolean()).isTrue();
    assertThat(some.path("events").toString()).isEqualTo("[\"lead.failed\"]");
    assertThat(some.path("instances").toString()).isEqualTo("[\"" + instance + "\"]");
  }

  @Test
  void itsSecretIsToldWhereItIsAskedForOnly() {
    var endpoint = add("{\"url\": \"https://crm.example.com/hooks\"}");
    var path = path(endpoint);

    var secret = http.get(path + "/secret").json().path("secret").asString();

    assertThat(secret).startsWith("whsec_");
    assertThat(endpoint.toString() + http.get(path).text()).doesNotContain(secret);
    assertThat(http.get("/webhook-endpoints?limit=200").text()).doesNotContain(secret);
    assertThat(new String(column(endpoint, "secret"), StandardCharsets.ISO_8859_1))
        .doesNotContain(secret);
    assertThat(withKey(newKey("read")).get(path + "/secret").status())
        .as("a key that may only read")
        .isEqualTo(403);
  }

  @Test
  void aSecretThatIsChangedSignsForADayBesides() {
    var endpoint = add("{\"url\": \"https://crm.example.com/hooks\"}");
    var before = http.get(path(endpoint) + "/secret").json().path("secret").asString();
    var sealedBefore = column(endpoint, "secret");

    assertThat(http.post(path(endpoint) + "/secret/rotate", "").status()).isEqualTo(204);

    assertThat(http.get(path(endpoint) + "/secret").json().path("secret").asString())
        .startsWith("whsec_")
        .isNotEqualTo(before);
    assertThat(column(endpoint, "former_secret")).isEqualTo(sealedBefore);
    assertThat(
            jdbc.sql(
                    "SELECT former_until > now() + interval '23 hours' FROM profile_pic.webhook_endpoints WHERE id = ?")
                .param(endpoint.path("id").asLong())
                .query(Boolean.class)
                .single())
        .isTrue();
  }

  @Test
  void aContactsCredentialIsKeptSealedAndNeverTold() {
    var endpoint =
        add(
            """
            {"kind": "chatwoot", "url": "https://chat.example.com", "settings": {"account_id": 3}, "credential": "a-token-of-chatwoot"}
            """);

    assertThat(endpoint.path("settings").toString())
        .isEqualTo("{\"overwrite\":false,\"account_id\":3}");
    assertThat(endpoint.path("events")).hasSize(3);
    assertThat(endpoint.toString()).doesNotContain("a-token-of-chatwoot");
    assertThat(new String(column(endpoint, "secret"), StandardCharsets.ISO_8859_1))
        .doesNotContain("a-token-of-chatwoot");
    assertThat(http.get(path(endpoint) + "/secret").status()).isEqualTo(409);
    assertThat(http.post(path(endpoint) + "/secret/rotate", "").status()).isEqualTo(409);
  }

  @Test
  void whatIsNotNamedStays() {
    var endpoint =
        add("{\"url\": \"https://crm.example.com/hooks\", \"description\": \"the CRM\"}");

    var changed = http.patch(path(endpoint), "{\"enabled\": false}").json();

    assertThat(changed.path("enabled").asBoolean()).isFalse();
    assertThat(changed.path("disabled_why").asString()).startsWith("by ");
    assertThat(changed.path("description").asString()).isEqualTo("the CRM");
    assertThat(changed.path("events")).hasSize(6);

    var again = http.patch(path(endpoint), "{\"enabled\": true, \"description\": null}").json();
    assertThat(again.path("disabled_why").isNull()).isTrue();
    assertThat(again.path("description").isNull()).isTrue();
  }

  @Test
  void whatIsRemovedIsGoneAndEachDeedIsInTheLog() {
    var endpoint = add("{\"url\": \"https://crm.example.com/hooks\"}");
    var path = path(endpoint);
    http.patch(path, "{\"events\": [\"lead.failed\"]}");

    assertThat(http.delete(path).status()).isEqualTo(204);

    assertThat(http.get(path).status()).isEqualTo(404);
    assertThat(http.delete(path).status()).isEqualTo(404);
    assertThat(
            jdbc.sql(
                    "SELECT deed FROM profile_pic.audit WHERE subject = ? AND deed LIKE 'endpoint%' ORDER BY id")
                .param(endpoint.path("id").asString())
                .query(String.class)
                .list())
        .containsExactly("endpoint_added", "endpoint_changed", "endpoint_dropped");
  }

  @Test
  void whatHappenedInARangeOfTimeIsToldOnceMore() {
    var endpoint =
        add(
            "{\"url\": \"https://crm.example.com/hooks\", \"events\": [\"lead.failed\"], \"instances\": [\"%s\"]}"
                .formatted(instance));
    event("lead.failed", "2 hours", instance);
    event("lead.failed", "4 hours", instance);
    event("picture.stored", "2 hours", instance);
    event("lead.failed", "2 hours", "another");

    var replayed =
        http.post(
            path(endpoint) + "/replay",
            "{\"from\": \"%s\"}"
                .formatted(
                    jdbc.sql(
                            "SELECT to_char(now() AT TIME ZONE 'UTC' - interval '3 hours', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")
                        .query(String.class)
                        .single()));

    assertThat(replayed.json().path("events").asInt()).isEqualTo(1);
    var deliveries = http.get(path(endpoint) + "/deliveries").json().path("items");
    assertThat(deliveries).hasSize(1);
    assertThat(deliveries.get(0).path("type").asString()).isEqualTo("lead.failed");
    assertThat(deliveries.get(0).path("state").asString()).isEqualTo("pending");
  }

  @Test
  void aBoundKeysEndpointIsForItsInstances() {
    var bound = withKey(newKey("ingest,operate,read", instance));

    var endpoint = bound.post("/webhook-endpoints", "{\"url\": \"https://crm.example.com/x\"}");

    assertThat(endpoint.status()).isEqualTo(201);
    assertThat(endpoint.json().path("instances").toString()).isEqualTo("[\"" + instance + "\"]");
    assertThat(bound.patch(path(endpoint.json()), "{\"instances\": null}").status()).isEqualTo(400);
    assertThat(bound.patch(path(endpoint.json()), "{\"instances\": [\"another\"]}").status())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                                                        | url
          {"url": "http://crm.example.com"}                                                         | url
          {"url": "https://user:pass@crm.example.com"}                                              | url
          {"url": "https://crm.example.com/{phone}"}                                                | url
          {"url": "https://127.0.0.1:99999/"}                                                       | url
          {"url": "https://crm.example.com:99999/"}                                                 | url
          {"url": "https://10.0.0.7/"}                                                              | url
          {"url": "ftp://crm.example.com"}                                                          | url
          {"url": "https://crm.example.com", "kind": "pigeon"}                                      | kind
          {"url": "https://crm.example.com", "events": []}                                          | events
          {"url": "https://crm.example.com", "events": ["picture.eaten"]}                           | events
          {"url": "https://crm.example.com", "events": "lead.failed"}                               | events
          {"url": "https://crm.example.com", "instances": []}                                       | instances
          {"url": "https://crm.example.com", "instances": ["a b"]}                                  | instances
          {"url": "https://crm.example.com", "instances": [7]}                                      | instances
          {"url": "https://crm.example.com", "description": 7}                                      | description
          {"url": "https://crm.example.com", "settings": {"account_id": 1}}                         | settings
          {"url": "https://crm.example.com", "credential": "x"}                                     | credential
          {"url": "https://crm.example.com", "kind": "chatwoot", "credential": "x"}                 | settings.account_id
          {"url": "https://crm.example.com", "kind": "chatwoot", "settings": {"account_id": 1}}     | credential
          {"url": "https://crm.example.com", "kind": "chatwoot", "settings": {"account_id": 1}, "credential": "x", "events": ["lead.failed"]} | events
          """)
  void whatIsWrongIsNamed(String body, String field) {
    var answer = http.post("/webhook-endpoints", body);

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"url": "https://elsewhere.example.com"} | url
          {"kind": "chatwoot"}                     | kind
          {"enabled": "yes"}                       | enabled
          {"events": null}                         | events
          """)
  void whatCannotBeChangedIsNamed(String body, String field) {
    var endpoint = add("{\"url\": \"https://crm.example.com/hooks\"}");

    var answer = http.patch(path(endpoint), body);

    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
  }

  private JsonNode add(String body) {
    var answer = http.post("/webhook-endpoints", body);
    assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    return answer.json();
  }

  private static String path(JsonNode endpoint) {
    return "/webhook-endpoints/" + endpoint.path("id").asLong();
  }

  private byte[] column(JsonNode endpoint, String column) {
    return jdbc.sql("SELECT " + column + " FROM profile_pic.webhook_endpoints WHERE id = ?")
        .param(endpoint.path("id").asLong())
        .query(byte[].class)
        .single();
  }

  private void event(String type, String ago, String of) {
    jdbc.sql(
            """
            INSERT INTO profile_pic.webhook_events (type, at, instance_id, data, spread)
            VALUES (?, now() - ?::interval, ?, '{}', true)
            """)
        .params(type, ago, of)
        .update();
  }
}
