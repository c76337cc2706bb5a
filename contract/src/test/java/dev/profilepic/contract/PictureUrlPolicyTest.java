package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.PictureUrlPolicy.Verdict;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureUrlPolicyTest {

  private final PictureUrlPolicy policy =
      new PictureUrlPolicy(List.of("*.whatsapp.net"), List.of("http://127.0.0.1:3002"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://pps.whatsapp.net/v/t61.24694-24/1_2_3.jpg?ccb=11-4&oe=7FFFFFFF",
        "https://PPS.WhatsApp.net/v/x.jpg",
        "https://mmg.whatsapp.net:443/x.jpg",
        "http://127.0.0.1:3002/v/x.jpg",
      })
  void whatsAppsOwnHostsAndTrustedOriginsAreAllowed(String url) {
    assertThat(policy.check(url)).isInstanceOf(Verdict.Allowed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "javascript:alert(1)",
        "http://169.254.169.254/latest/meta-data/",
        "http://pps.whatsapp.net/x.jpg",
        "https://whatsapp.net.evil.example/x.jpg",
        "https://evilwhatsapp.net/x.jpg",
        "https://user:pw@pps.whatsapp.net/x.jpg",
        "https://pps.whatsapp.net:8443/x.jpg",
        "https://pps.whatsapp.net@127.0.0.1/x.jpg",
        "http://127.0.0.1:3003/x.jpg",
        "http://127.0.0.1:3002@evil.example/x.jpg",
        "file:///etc/passwd",
        "//pps.whatsapp.net/x.jpg",
        "not a url",
        "",
      })
  void everythingElseIsRefusedWithoutRepeatingIt(String url) {
    assertThat(policy.check(url))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              if (!url.isEmpty()) {
                assertThat(refused.why()).doesNotContain(url);
              }
            });
  }

  @Test
  void aUrlOfAbsurdLengthIsRefused() {
    assertThat(policy.check("https://pps.whatsapp.net/" + "x".repeat(3000)))
        .isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void theExpiryIsHexadecimalUnixSeconds() {
    assertThat(
            PictureUrlPolicy.expiry(
                URI.create("https://pps.whatsapp.net/x.jpg?ccb=1&oe=68000000&_nc=2")))
        .contains(Instant.ofEpochSecond(0x68000000L));
    assertThat(PictureUrlPolicy.expiry(URI.create("https://pps.whatsapp.net/x.jpg?foe=68000000")))
        .isEmpty();
    assertThat(PictureUrlPolicy.expiry(URI.create("https://pps.whatsapp.net/x.jpg"))).isEmpty();
  }
}
