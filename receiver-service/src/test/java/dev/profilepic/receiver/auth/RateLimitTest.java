package dev.profilepic.receiver.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(
    properties = {
      "profile-pic.auth.requests-per-minute=30",
      "profile-pic.auth.allowed-origins=https://crm.example"
    })
class RateLimitTest extends ReceiverTest {

  @Test
  void whoSendsTooMuchIsToldWhenToComeBack() {
    var answer = http.get("/bulk-sync-status");
    for (int i = 0; i < 10 && answer.status() == 200; i++) {
      answer = http.get("/bulk-sync-status");
    }

    assertThat(answer.status()).isEqualTo(429);
    assertThat(Integer.parseInt(answer.header("retry-after"))).isBetween(1, 60);
    assertThat(answer.json().path("success").asBoolean(true)).isFalse();
  }

  @Test
  void anAllowedOriginMayAskFromABrowserAndOthersMayNot() {
    var allowed = preflight("https://crm.example");
    var other = preflight("https://evil.example");

    assertThat(allowed.header("access-control-allow-origin")).isEqualTo("https://crm.example");
    assertThat(other.status()).isEqualTo(403);
  }

  private dev.profilepic.receiver.support.Http.Answer preflight(String origin) {
    return withKey(null)
        .send(
            "OPTIONS",
            "/bulk-sync-status",
            null,
            "Origin",
            origin,
            "Access-Control-Request-Method",
            "GET");
  }
}
