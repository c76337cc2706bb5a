package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeysTest extends ReceiverTest {

  @ParameterizedTest
  @CsvSource({
    "Authorization, Bearer local-dev-key",
    "authorization, bearer local-dev-key",
    "x-api-token, local-dev-key",
    "apikey, local-dev-key"
  })
  void aKeyIsTakenFromAnyOfThreeHeaders(String header, String value) {
    var answer = withKey(null).post("/profile-pics", "{}", header, value);

    assertThat(answer.status()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization, Bearer wrong",
    "Authorization, Basic bG9jYWwtZGV2LWtleTo=",
    "x-api-token, local-dev-key2",
    "apikey, ''"
  })
  void anyOtherIsRefusedWithoutBeingRepeated(String header, String value) {
    var answer = withKey(null).post("/profile-pics", "{}", header, value);

    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.header("www-authenticate")).isEqualTo("Bearer");
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
    assertThat(answer.text()).doesNotContain("local-dev-key");
  }

  @Test
  void aKeyOpensOnlyWhatItsScopesName() {
    addKey("reader", "reader-secret", "{read}");
    awaitKey("reader-secret");

    assertThat(withKey("reader-secret").post("/profile-pics", "{}").status()).isEqualTo(403);
    assertThat(withKey("reader-secret").get("/leads/nobody/profile-pic").status()).isEqualTo(404);
  }

  private void addKey(String name, String secret, String scopes) {
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES (?, sha256(?::bytea), ?::text[])")
        .params(name, secret, scopes)
        .update();
  }
}
