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
        "http://evolution_api:8080/prefix",
        "https://evolution.example:65535",
        "https://8.8.8.8",
        "https://[2606:4700::1111]:8443"
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
        "https://exa mple",
        "https://evolution.example:99999",
        "https://evolution.example:0",
        "https://evolution.example:65536/{phone}",
        "https://evolution_api:99999",
        "https://evolution.example:4294967297",
        "https://evolution..example",
        "https://999.1.1.1",
        "https://evolution.example/\ud800",
        "https://127.0.0.1",
        "https://127.1:8443",
        "https://10.1.2.3",
        "https://100.64.0.1",
        "https://[::1]:8443",
        "https://[fd00::1]",
        "https://localhost:8443"
      })
  void anythingElseIsRefusedWithoutRepeatingIt(String url) {
    assertThat(policy.refuse(url)).isPresent();
    assertThat(policy.refuse(url).orElseThrow()).doesNotContain("password").doesNotContain("169");
  }
}
