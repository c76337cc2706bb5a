package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order of precedence among the keys that one call may carry. */
class PresentedKeyTest extends ReceiverTest {

  @Test
  void aBearerTokenCountsBeforeTheOtherHeaders() {
    assertThat(asks("Authorization", "Bearer wrong", "apikey", KEY)).isEqualTo(401);
    assertThat(asks("Authorization", "Bearer " + KEY, "x-api-token", "wrong")).isEqualTo(200);
    assertThat(asks("x-api-token", KEY, "apikey", "wrong")).isEqualTo(200);
  }

  /** A proxy in front of the receiver may demand a password that is not a key of the receiver. */
  @Test
  void aHeaderOfOursCountsBeforeAPassword() {
    assertThat(asks("Authorization", basic("proxy:password"), "x-api-token", KEY)).isEqualTo(200);
    assertThat(asks("Authorization", basic("proxy:" + KEY), "apikey", "wrong")).isEqualTo(401);
  }

  @Test
  void aPasswordMayHaveColonsAndAUserHasNone() {
    var key = "with:colons:" + UUID.randomUUID();
    insert(key);
    awaitKey(key);

    assertThat(asks("Authorization", basic("anybody:" + key))).isEqualTo(200);
    assertThat(asks("Authorization", "basic " + basic(":" + key).substring("Basic ".length())))
        .isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic bm9jb2xvbg==",
        "Basic Og==",
        "Bearer",
        "Digest x"
      })
  void whatIsNoKeyIsRefusedAndNeverAnError(String authorization) {
    assertThat(asks("Authorization", authorization)).isEqualTo(401);
  }

  @Test
  void blanksAroundAKeyAreNotOfIt() {
    assertThat(asks("Authorization", "Bearer   " + KEY)).isEqualTo(200);
    assertThat(asks("Authorization", basic("x: " + KEY + " "))).isEqualTo(200);
  }

  @Test
  void aKeyHasFiveHundredLettersAtTheMost() {
    var longest = UUID.randomUUID() + "k".repeat(464);
    insert(longest);
    insert(longest + "k");
    awaitKey(longest);

    assertThat(asks("x-api-token", longest)).isEqualTo(200);
    assertThat(asks("x-api-token", longest + "k")).isEqualTo(401);
  }

  /** Urls appear in logs. */
  @ParameterizedTest
  @ValueSource(strings = {"apikey", "x-api-token", "token", "key", "access_token"})
  void aKeyInTheUrlIsNone(String parameter) {
    assertThat(withKey(null).get("/syncs?" + parameter + "=" + KEY).status()).isEqualTo(401);
  }

  private int asks(String... headers) {
    return withKey(null).get("/syncs", headers).status();
  }

  private static String basic(String credentials) {
    return "Basic "
        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
  }

  private void insert(String key) {
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes) VALUES (?, sha256(?::bytea), '{read}')")
        .params("presented " + UUID.randomUUID(), key)
        .update();
  }
}
