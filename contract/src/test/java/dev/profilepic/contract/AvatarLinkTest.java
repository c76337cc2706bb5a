package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;

class AvatarLinkTest {

  private static final String SHA =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

  private final AvatarLink links =
      new AvatarLink(URI.create("https://photos.example/"), "a-secret-of-enough-length");

  @Test
  void aLinkIsSignedForItsLeadAndNoOther() {
    var link = URI.create(links.to("lead 1", SHA));
    var signature = link.getRawQuery().replaceFirst(".*sig=", "");

    assertThat(link.toString())
        .startsWith("https://photos.example/avatars/lead%201?v=0123456789ab&sig=");
    assertThat(links.isSignedFor("lead 1", signature)).isTrue();
    assertThat(links.isSignedFor("lead 2", signature)).isFalse();
    assertThat(links.isSignedFor("lead 1", "")).isFalse();
  }

  @Test
  void anotherSecretSignsDifferently() {
    var others = new AvatarLink(URI.create("https://photos.example"), "another-secret-of-length");

    assertThat(others.to("lead 1", SHA)).isNotEqualTo(links.to("lead 1", SHA));
  }

  @Test
  void aSecretThatCanBeGuessedIsRefusedByName() {
    assertThatThrownBy(() -> new AvatarLink(URI.create("https://photos.example"), "short"))
        .hasMessageContaining("profile-pic.avatars.signing-secret");
  }
}
