package dev.profilepic.worker.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.worker.bridge.BridgeProperties;
import dev.profilepic.worker.sources.SourceProperties.Configured;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcePropertiesTest {

  @ParameterizedTest
  @CsvSource({
    "bridge, , true",
    "evolution, http://evolution:8080, true",
    "http, https://x.example/{instance}/{phone}, true",
    "evolution, , false",
    "evolution, evolution:8080, false",
    "evolution, http://exa mple, false",
    "bridge, http://bridge:3001, false",
    "whatsapp, http://x, false",
  })
  void aSourceThatIsNotWholeStopsTheStart(String kind, @Nullable String url, boolean whole) {
    var source = new Configured(kind, url, null, null);

    assertThat(properties(source, Map.of()).isEachSourceWhole()).isEqualTo(whole);
    assertThat(properties(bridge(), Map.of("vendas", source)).isEachSourceWhole()).isEqualTo(whole);
  }

  @Test
  void theBridgesTokenIsNeededOnlyWhereTheBridgeIsAsked() {
    var noToken =
        new BridgeProperties(URI.create("http://127.0.0.1:3001"), "", Duration.ofSeconds(20));
    var evolution = new Configured("evolution", "http://evolution:8080", null, "key");

    assertThatThrownBy(
            () -> SourceConfiguration.requireToken(properties(bridge(), Map.of()), noToken))
        .hasMessageStartingWith("profile-pic.bridge.token must be");
    assertThatCode(() -> SourceConfiguration.requireToken(properties(evolution, Map.of()), noToken))
        .doesNotThrowAnyException();
  }

  @Test
  void aCredentialIsNotInWhatTheyPrint() {
    var evolution = new Configured("evolution", "http://evolution:8080", null, "a-credential");

    assertThat(properties(evolution, Map.of("vendas", evolution)).toString())
        .doesNotContain("a-credential");
  }

  private static Configured bridge() {
    return new Configured("bridge", null, null, null);
  }

  private static SourceProperties properties(
      Configured ofAllOthers, Map<String, Configured> instances) {
    return new SourceProperties(ofAllOthers, instances, null, List.of(), Duration.ofSeconds(20));
  }
}
