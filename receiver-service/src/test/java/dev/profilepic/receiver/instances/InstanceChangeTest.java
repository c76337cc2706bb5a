package dev.profilepic.receiver.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.http.ProblemException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class InstanceChangeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-03:00",
        "+3",
        "UTC-03:00",
        "GMT-3",
        "UT+1",
        "Z",
        "",
        "Mars/Olympus",
        "SystemV/EST5"
      })
  void aZoneThatIsNoRegionIsRefused(String zone) {
    assertThatThrownBy(() -> change(zone)).isInstanceOf(ProblemException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"America/Sao_Paulo", "Europe/Berlin", "UTC"})
  void aRegionIsKept(String zone) {
    assertThat(change(zone).quietHours().orElseThrow().orElseThrow().zone()).isEqualTo(zone);
  }

  private static InstanceChange change(String zone) {
    var body = JsonMapper.shared().createObjectNode();
    body.putObject("quiet_hours").put("from", "22:00").put("to", "07:00").put("zone", zone);
    return InstanceChange.read(body, new SourceRules(null, List.of()), false);
  }
}
