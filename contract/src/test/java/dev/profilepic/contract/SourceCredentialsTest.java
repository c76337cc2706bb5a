package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.contract.SourceCredentials.Endpoint;
import dev.profilepic.contract.SourceCredentials.Purpose;
import dev.profilepic.contract.SourceCredentials.Use;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceCredentialsTest {

  private static final String KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final String OTHER_KEY = "BBECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  private static final Purpose PURPOSE =
      new Purpose("vendas", SourceKind.EVOLUTION, "https://evolution.example", "Vendas 1");

  private final SourceCredentials credentials = new SourceCredentials(KEY);

  @Test
  void whatIsSealedOpensAgainAndDoesNotShow() {
    byte[] sealed = credentials.seal("429683C4C977415CAAFCCE10F7D57E11", PURPOSE);

    assertThat(credentials.open(sealed, PURPOSE)).contains("429683C4C977415CAAFCCE10F7D57E11");
    assertThat(new String(sealed, StandardCharsets.ISO_8859_1)).doesNotContain("429683C4");
    assertThat(credentials.seal("429683C4C977415CAAFCCE10F7D57E11", PURPOSE)).isNotEqualTo(sealed);
  }

  static Stream<Use> otherPurposes() {
    return Stream.of(
        new Purpose("suporte", SourceKind.EVOLUTION, "https://evolution.example", "Vendas 1"),
        new Purpose("vendas", SourceKind.WAHA, "https://evolution.example", "Vendas 1"),
        new Purpose("vendas", SourceKind.EVOLUTION, "https://elsewhere.example", "Vendas 1"),
        new Purpose("vendas", SourceKind.EVOLUTION, "https://evolution.example", null),
        new Endpoint(EndpointKind.WEBHOOK, "https://evolution.example"));
  }

  @ParameterizedTest
  @MethodSource("otherPurposes")
  void aCredentialThatWasMovedToAnotherGatewayDoesNotOpen(Use other) {
    assertThat(credentials.open(credentials.seal("secret", PURPOSE), other)).isEmpty();
  }

  @Test
  void anotherKeyOrAChangedByteDoesNotOpen() {
    byte[] sealed = credentials.seal("secret", PURPOSE);
    assertThat(new SourceCredentials(OTHER_KEY).open(sealed, PURPOSE)).isEmpty();

    sealed[sealed.length - 1] ^= 1;
    assertThat(credentials.open(sealed, PURPOSE)).isEmpty();
    assertThat(credentials.open(new byte[3], PURPOSE)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROFILE_PIC_DATABASE_PASSWORD",
        "PROFILE_PIC_SOURCE_CREDENTIAL",
        "PROFILE_PIC_SOURCES_KEY",
        "PROFILE_PIC_SOURCE_KEY_",
        "xPROFILE_PIC_SOURCE_KEY_A",
        "PROFILE_PIC_SOURCE_KEY_a"
      })
  void noOtherSecretOfOursCanBeNamed(String name) {
    assertThat(SourceCredentials.isVariable(name)).isFalse();
    assertThat(SourceCredentials.isVariable("PROFILE_PIC_SOURCE_KEY_VENDAS_1")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "short", "not base64 at all, but long enough", "AAECAwQFBgcICQoLDA0ODw=="})
  void aKeyOfAnotherLengthIsRefusedAndNotRepeated(String key) {
    assertThatThrownBy(() -> new SourceCredentials(key)).hasMessage(SourceCredentials.RULE);
  }
}
