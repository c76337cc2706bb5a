package dev.profilepic.receiver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DatabaseAwayTest {

  private @Nullable ConfigurableApplicationContext receiver;

  @BeforeAll
  void start() {
    receiver =
        new SpringApplicationBuilder(ReceiverApplication.class)
            .profiles("local")
            .run(
                "--server.port=0",
                "--management.server.port=0",
                "--spring.datasource.hikari.connection-timeout=250",
                "--spring.datasource.url=jdbc:postgresql://127.0.0.1:1/none");
  }

  @AfterAll
  void stop() {
    Objects.requireNonNull(receiver).close();
  }

  @Test
  void anEventIsAnsweredTryAgainSoonAndNeverAccepted() {
    var answer =
        caller("local-dev-key")
            .post("/profile-pics", "{\"lead_id\": \"1\", \"phone\": \"5562999212484\"}");

    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("retry-after")).isEqualTo("2");
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
    assertThat(answer.text()).doesNotContain("jdbc", "127.0.0.1", "Hikari");
  }

  @Test
  void aKeyThatNobodyCanLookUpIsNotCalledWrong() {
    var answer =
        caller("another-key")
            .post("/profile-pics", "{\"lead_id\": \"1\", \"phone\": \"5562999212484\"}");

    assertThat(answer.status()).isEqualTo(503);
  }

  @Test
  void whoeverIsSignedInIsNotSentToSignInAgain() {
    var page =
        new Http(port("local.server.port"), null)
            .get("/console/leads", "Cookie", "profile_pic_session=of-somebody");
    var asset =
        new Http(port("local.server.port"), null)
            .get("/console/assets/console.css", "Cookie", "profile_pic_session=of-somebody");

    assertThat(page.status()).isEqualTo(503);
    assertThat(page.header("retry-after")).isEqualTo("2");
    assertThat(asset.status()).as("what is the same for everybody").isEqualTo(200);
  }

  @Test
  void readinessSaysSoAndLivenessDoesNot() {
    var management = new Http(port("local.management.port"), null);

    assertThat(management.get("/actuator/health/readiness").status()).isEqualTo(503);
    assertThat(management.get("/actuator/health/liveness").status()).isEqualTo(200);
  }

  private Http caller(String key) {
    return new Http(port("local.server.port"), key);
  }

  private int port(String property) {
    return Objects.requireNonNull(receiver)
        .getBean(Environment.class)
        .getRequiredProperty(property, Integer.class);
  }
}
