package dev.profilepic.receiver.endpoints;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The receiver's environment no longer has the key that seals the secrets of endpoints. */
class WithoutSourcesKeyTest extends ReceiverTest {

  @DynamicPropertySource
  static void withoutKey(DynamicPropertyRegistry registry) {
    registry.add("profile-pic.sources.key", () -> "");
  }

  @Test
  void aSecretThatCannotBeSealedIsNotRotatedAndTheAnswerNamesTheRemedy() {
    var answer = http.post("/webhook-endpoints/" + endpoint("webhook") + "/secret/rotate", "");

    assertThat(answer.status()).as(answer.text()).isEqualTo(409);
    assertThat(answer.json().path("detail").asString()).contains("set PROFILE_PIC_SOURCES_KEY");
  }

  @Test
  void aSecretThatCannotBeOpenedIsNotToldAndTheAnswerNamesTheRemedy() {
    var answer = http.get("/webhook-endpoints/" + endpoint("webhook") + "/secret");

    assertThat(answer.status()).as(answer.text()).isEqualTo(409);
    assertThat(answer.json().path("detail").asString()).contains("set PROFILE_PIC_SOURCES_KEY");
  }

  @Test
  void aCredentialThatIsNotOursIsStillSaidToBeSo() {
    var secret = "/webhook-endpoints/" + endpoint("chatwoot") + "/secret";

    assertThat(http.post(secret + "/rotate", "").json().path("detail").asString())
        .contains("change its credential with PATCH");
    assertThat(http.get(secret).json().path("detail").asString())
        .contains("it is not a webhook's of ours");
  }

  /** Adds an endpoint as if the key were still present. */
  private long endpoint(String kind) {
    return jdbc.sql(
            """
            SELECT profile_pic.add_endpoint(jsonb_build_object('kind', ?, 'url', 'https://crm.example.com/hooks',
              'events', '["picture.stored"]'::jsonb, 'settings', '{}'::jsonb, 'sealed', encode('sealed', 'base64')), NULL, 'a test')
            """)
        .param(kind)
        .query(Long.class)
        .single();
  }
}
