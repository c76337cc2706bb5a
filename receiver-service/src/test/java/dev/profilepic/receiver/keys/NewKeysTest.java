package dev.profilepic.receiver.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.ReceiverTest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that are made at the console. */
class NewKeysTest extends ReceiverTest {

  @ParameterizedTest
  @ValueSource(strings = {" , ", ",", " ", ",,\t"})
  void aFieldOfInstancesThatNamesNoneIsNoKeyForAll(String instances) {
    var wrong =
        catchThrowableOfType(
            ProblemException.class,
            () -> ApiKeys.Wanted.read("crm", List.of("ingest"), instances, ""));

    assertThat(wrong.errors()).extracting(FieldError::field).containsExactly("instances");
  }

  @Test
  void anEmptyFieldOfInstancesIsAKeyForAll() {
    assertThat(ApiKeys.Wanted.read("crm", List.of("ingest"), "", "").instances()).isEmpty();
    assertThat(ApiKeys.Wanted.read("crm", List.of("ingest"), " a, b ,", "").instances())
        .containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bootstrap",
        "Bootstrap ",
        "worker",
        "webhook:evolution",
        "profile_pic_owner",
        "<b>x</b>",
        "a\u202eb",
        "\uff42ootstrap",
        "",
        " ",
        "-"
      })
  void aNameThatIsOursOrMarkupIsRefused(String name) {
    var wrong =
        catchThrowableOfType(
            ProblemException.class, () -> ApiKeys.Wanted.read(name, List.of("ingest"), "ta", ""));

    assertThat(wrong.errors()).extracting(FieldError::field).containsExactly("name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"crm", "João da Silva", "maria@example.com", "n8n-2", "bootstrapper"})
  void anyOtherNameIsTaken(String name) {
    assertThat(ApiKeys.Wanted.read(name, List.of("ingest"), "ta", "").name()).isEqualTo(name);
  }

  @Test
  void aNewKeyIsStoredNowhere() {
    var idempotency = UUID.randomUUID().toString();
    var form = "name=stored-" + idempotency + "&scope=read&instances=" + encoded("ta") + "&days=1";

    var page =
        Console.signIn(withKey(null), KEY)
            .post("/console/keys", form, "Idempotency-Key", idempotency);

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.text()).containsPattern("ppk_[A-Za-z0-9_-]{43}");
    assertThat(
            jdbc.sql("SELECT count(*) FROM profile_pic.idempotency_keys WHERE key = ?")
                .param(idempotency)
                .query(Long.class)
                .single())
        .isZero();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
