package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSecretTest {

  /** The example of the Standard Webhooks libraries. */
  @Test
  void itSignsAsTheSpecificationSays() {
    var secret = new WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    assertThat(
            secret.sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                Instant.ofEpochSecond(1614265330),
                "{\"test\": 2432232314}"))
        .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void otherTextIsTheKeyItselfWhereThatIsAllowed() {
    var at = Instant.ofEpochSecond(1614265330);

    assertThat(WebhookSecret.ofAnyText("any text of ours").sign("id", at, "{}"))
        .isEqualTo(new WebhookSecret("whsec_YW55IHRleHQgb2Ygb3Vycw==").sign("id", at, "{}"));
    assertThatThrownBy(() -> WebhookSecret.ofAnyText("whsec_%%%"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNewOneIsLongEnoughAndLikeNoOther() {
    var one = WebhookSecret.generate();

    assertThat(Base64.getDecoder().decode(one.substring("whsec_".length()))).hasSize(32);
    assertThat(WebhookSecret.generate()).isNotEqualTo(one);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "whsec_", "whsec_%%%", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"})
  void somethingElseIsNoSecretAndIsNotRepeated(String text) {
    assertThatThrownBy(() -> new WebhookSecret(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be whsec_ and a key in base64");
  }
}
