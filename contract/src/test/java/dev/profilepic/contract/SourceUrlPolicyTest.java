package dev.profilepic.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceUrlPolicyTest {

  private final SourceUrlPolicy policy =
      new SourceUrlPolicy(List.of("http://evolution:8080", "http://evolution_api:8080"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://evolution.example",
        "https://gateway.example:8443/api/{instance}/profile-pic/{phone}",
        "http://evolution:8080/prefix",
        "http://evolution_api:8080/prefix"
      })
  void aGatewayIsReachedByHttpsOrAtATrustedOrigin(String url) {
    assertThat(policy.refuse(url)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evolution.example",
        "http://evolution:8081",
        "http://169.254.169.254/latest",
        "http://evolution_api",
        "https://user:password@evolution.example",
        "https://user:password@evolution_api",
        "https://{phone}.example/x",
        "https://evolution.example/#x",
        "file:///etc/passwd",
        "evolution.example",
        "https://",
        "https://exa mple"
      })
  void anythingElseIsRefusedWithoutRepeatingIt(String url) {
    assertThat(policy.refuse(url)).isPresent();
    assertThat(policy.refuse(url).orElseThrow()).doesNotContain("password").doesNotContain("169");
  }
}
