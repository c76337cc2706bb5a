package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.contract.AvatarLink.Presented;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AvatarLinkTest {

  private static final String SHA =
      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  private static final String FIRST = "a-secret-of-enough-length";
  private static final String SECOND = "another-secret-of-length";
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  /**
   * A signature by the release before links had keys, for the lead "lead 1" and the first secret.
   */
  private static final String OLD_SIGNATURE = "SQgt5Ad8UchIliREkBJqPMpv2T9D578JVlhcyNBERKA";

  private final AvatarLink links = links(FIRST);

  @Test
  void aLinkIsSignedForItsLeadAndNoOther() {
    var link = links.to("lead 1", 0, SHA);

    assertThat(link).startsWith("https://photos.example/avatars/lead%201?v=0123456789ab&k=");
    assertThat(links.generationOf("lead 1", presented(link))).hasValue(0);
    assertThat(links.generationOf("lead 2", presented(link))).isEmpty();
    assertThat(links.generationOf("lead 1", new Presented("", presented(link).keyId(), null, null)))
        .isEmpty();
  }

  @Test
  void itsGenerationIsSigned() {
    var link = presented(links.to("lead 1", 7, SHA));

    assertThat(links.generationOf("lead 1", link)).hasValue(7);
    assertThat(links.generationOf("lead 1", changed(link, "8", null))).isEmpty();
    assertThat(links.generationOf("lead 1", changed(link, null, null))).isEmpty();
    assertThat(links.generationOf("lead 1", changed(link, "99999999999", null))).isEmpty();
  }

  @Test
  void aSecretIsReplacedWithoutAGap() {
    var before = links.to("lead 1", 0, SHA);
    var rotating = links(SECOND, FIRST);
    var after = rotating.to("lead 1", 0, SHA);

    assertThat(rotating.generationOf("lead 1", presented(before))).hasValue(0);
    assertThat(rotating.generationOf("lead 1", presented(after))).hasValue(0);
    assertThat(presented(after).keyId()).isNotEqualTo(presented(before).keyId());
    assertThat(links(SECOND).generationOf("lead 1", presented(before))).isEmpty();
  }

  @Test
  void aLinkThatWasMadeBeforeThereWereKeysStaysValidUnderItsSecret() {
    var old = new Presented(OLD_SIGNATURE, null, null, null);

    assertThat(links.generationOf("lead 1", old)).hasValue(0);
    assertThat(links(SECOND, FIRST).generationOf("lead 1", old)).hasValue(0);
    assertThat(links(SECOND).generationOf("lead 1", old)).isEmpty();
    assertThat(links.generationOf("lead 1", changed(old, "1", null))).isEmpty();
  }

  @Test
  void aLinkWithALifetimeEnds() {
    var lifetime = Duration.ofDays(30);
    var link = at(NOW, lifetime).to("lead 1", 0, SHA);

    assertThat(at(NOW.plus(lifetime), lifetime).generationOf("lead 1", presented(link)))
        .hasValue(0);
    assertThat(at(NOW.plus(Duration.ofDays(46)), lifetime).generationOf("lead 1", presented(link)))
        .isEmpty();
    assertThat(links.generationOf("lead 1", changed(presented(link), null, "99999999999")))
        .isEmpty();
    assertThat(links.generationOf("lead 1", changed(presented(link), null, null))).isEmpty();
    assertThat(at(NOW.plusSeconds(60), lifetime).to("lead 1", 0, SHA)).isEqualTo(link);
  }

  @Test
  void aSecretThatCanBeGuessedIsRefusedByName() {
    assertThatThrownBy(() -> links("short"))
        .hasMessageContaining("profile-pic.avatars.signing-secret");
  }

  private static AvatarLink links(String... secrets) {
    return new AvatarLink(
        URI.create("https://photos.example/"), List.of(secrets), null, InstantSource.fixed(NOW));
  }

  private static AvatarLink at(Instant now, Duration lifetime) {
    return new AvatarLink(
        URI.create("https://photos.example/"), List.of(FIRST), lifetime, InstantSource.fixed(now));
  }

  private static Presented changed(
      Presented link, @Nullable String generation, @Nullable String expiry) {
    return new Presented(link.signature(), link.keyId(), generation, expiry);
  }

  private static Presented presented(String link) {
    return new Presented(
        String.valueOf(parameter(link, "sig")),
        parameter(link, "k"),
        parameter(link, "g"),
        parameter(link, "e"));
  }

  private static @Nullable String parameter(String link, String name) {
    var found = Pattern.compile("[?&]" + name + "=([^&]*)").matcher(link);
    return found.find() ? found.group(1) : null;
  }
}
