package dev.profilepic.receiver.instances;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.SourceCredentials.Purpose;
import dev.profilepic.contract.SourceKind;
import dev.profilepic.receiver.support.ReceiverTest;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InstanceSourcesTest extends ReceiverTest {

  private static final String SECRET = "429683C4C977415CAAFCCE10F7D57E11";

  private final String id = "source_" + UUID.randomUUID();

  @Test
  void aSourceIsShownWithWhatItCanTellAndWithoutItsCredential() {
    var answer =
        http.patch(
            "/instances/" + id,
            """
            {"source": {"kind": "waha", "url": "https://waha.example", "name": "Vendas 1", "credential": "%s"}}
            """
                .formatted(SECRET));

    var source = answer.json().path("source");
    assertThat(source.path("kind").asString()).isEqualTo("waha");
    assertThat(source.path("url").asString()).isEqualTo("https://waha.example");
    assertThat(source.path("name").asString()).isEqualTo("Vendas 1");
    assertThat(source.path("credential").asString()).isEqualTo("sealed");
    assertThat(source.path("tells").toString()).isEqualTo("[\"disconnected\"]");
    assertThat(source.path("batches").asBoolean()).isFalse();
    assertThat(answer.text()).doesNotContain(SECRET);
    assertThat(http.get("/instances?limit=200").text()).contains(id).doesNotContain(SECRET);
  }

  @Test
  void theCredentialIsSealedForThisInstanceAndGateway() {
    http.patch(
        "/instances/" + id,
        "{\"source\": {\"kind\": \"evolution\", \"url\": \"http://evolution:8080\", \"credential\": \"%s\"}}"
            .formatted(SECRET));

    byte[] sealed = Objects.requireNonNull(column("source_credential", byte[].class));
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain(SECRET);
    assertThat(
            new SourceCredentials(SOURCES_KEY)
                .open(sealed, new Purpose(id, SourceKind.EVOLUTION, "http://evolution:8080", null)))
        .contains(SECRET);
  }

  @Test
  void aNewUrlDoesNotGetTheCredentialOfTheOldOne() {
    http.patch(
        "/instances/" + id,
        "{\"source\": {\"kind\": \"evolution\", \"url\": \"https://one.example\", \"credential\": \"%s\"}}"
            .formatted(SECRET));

    var moved =
        http.patch(
            "/instances/" + id,
            "{\"source\": {\"kind\": \"evolution\", \"url\": \"https://two.example\"}}");

    assertThat(moved.json().at("/source/credential").asString()).isEqualTo("none");
    assertThat(column("source_credential", byte[].class)).isNull();
  }

  @Test
  void aSourceIsTakenBackAndStaysWhereItIsNotNamed() {
    http.patch("/instances/" + id, "{\"source\": {\"kind\": \"bridge\"}}");
    assertThat(
            http.patch("/instances/" + id, "{\"pace_per_minute\": 5}")
                .json()
                .at("/source/kind")
                .asString())
        .isEqualTo("bridge");

    assertThat(http.patch("/instances/" + id, "{\"source\": null}").json().path("source").isNull())
        .isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "source.kind       | {'kind': 'whatsapp'}",
        "source.kind       | {}",
        "source.kind       | ['evolution']",
        "source.url        | {'kind': 'evolution'}",
        "source.url        | {'kind': 'evolution', 'url': 'http://10.0.0.1:8080'}",
        "source.url        | {'kind': 'evolution', 'url': 'http://evolution:8081'}",
        "source.url        | {'kind': 'evolution', 'url': 'https://u:p@evolution.example'}",
        "source.url        | {'kind': 'evolution', 'url': 'https://evolution.example/{phone}'}",
        "source.url        | {'kind': 'bridge', 'url': 'https://evolution.example'}",
        "source.name       | {'kind': 'waha', 'url': 'https://w.example', 'name': '..'}",
        "source.name       | {'kind': 'bridge', 'name': 'somebody-elses'}",
        "source.credential | {'kind': 'waha', 'url': 'https://w.example', 'credential': 'a\\nb'}",
        "source.credential_env | {'kind': 'waha', 'url': 'https://w.example', 'credential_env': 'PROFILE_PIC_DATABASE_PASSWORD'}",
        "source.credential_env | {'kind': 'waha', 'url': 'https://w.example', 'credential': 'a', 'credential_env': 'PROFILE_PIC_SOURCE_KEY_A'}",
      })
  void whatIsWrongIsNamedAndNothingIsSet(String field, String source) {
    var answer = http.patch("/instances/" + id, "{\"source\": " + source.replace('\'', '"') + "}");

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo(field);
    assertThat(answer.json().path("errors")).hasSize(1);
  }

  @Test
  void aKeyOfSomeInstancesMayNotNameAnEnvironmentVariable() {
    var key = "bound-" + UUID.randomUUID();
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances) VALUES (?, sha256(?::bytea), '{operate}', ARRAY[?])")
        .params(key, key, id)
        .update();
    awaitKey(key);
    var body =
        "{\"source\": {\"kind\": \"waha\", \"url\": \"https://w.example\", \"credential_env\": \"PROFILE_PIC_SOURCE_KEY_A\"}}";

    assertThat(withKey(key).patch("/instances/" + id, body).status()).isEqualTo(400);
    var set = http.patch("/instances/" + id, body);
    assertThat(set.json().at("/source/credential").asString()).isEqualTo("environment");
    assertThat(set.json().at("/source/credential_env").asString())
        .isEqualTo("PROFILE_PIC_SOURCE_KEY_A");
  }

  @Test
  void aUrlsQueryIsNotShown() {
    var answer =
        http.patch(
            "/instances/" + id,
            "{\"source\": {\"kind\": \"http\", \"url\": \"https://x.example/p?phone={phone}&token=%s\"}}"
                .formatted(SECRET));

    assertThat(answer.json().at("/source/url").asString()).isEqualTo("https://x.example/p?…");
    assertThat(answer.text()).doesNotContain(SECRET);
  }

  private <T> @Nullable T column(String name, Class<T> type) {
    return jdbc.sql("SELECT " + name + " FROM profile_pic.instances WHERE instance_id = ?")
        .param(id)
        .query((row, number) -> Optional.ofNullable(row.getObject(name, type)))
        .single()
        .orElse(null);
  }
}
