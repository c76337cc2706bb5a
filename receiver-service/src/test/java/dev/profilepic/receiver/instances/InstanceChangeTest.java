package dev.profilepic.receiver.instances;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.ProblemException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

  @Test
  void workingHoursAreReadWithTheirDaysInTheOrderOfTheWeek() {
    var read =
        working(
            "{'days': ['Friday', 'monday', 'friday'], 'from': '22:00', 'to': '06:00', 'zone': 'America/Sao_Paulo'}");

    assertThat(read)
        .isEqualTo(
            new WorkingHours(
                List.of("monday", "friday"), "22:00", "06:00", "America/Sao_Paulo", false));
    assertThat(read.numberedDays()).containsExactly(1, 5);
  }

  @Test
  void workingHoursWithoutDaysAreThoseOfEveryDay() {
    assertThat(working("{'from': '09:00', 'to': '18:00', 'zone': 'UTC'}").days())
        .isEqualTo(WorkingHours.WEEK)
        .hasSize(7);
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "'always' | working_hours",
        "[] | working_hours",
        "{'to': '18:00', 'zone': 'UTC'} | working_hours.from",
        "{'from': '9:00', 'to': '18:00', 'zone': 'UTC'} | working_hours.from",
        "{'from': '09:00:30', 'to': '18:00', 'zone': 'UTC'} | working_hours.from",
        "{'from': 900, 'to': '18:00', 'zone': 'UTC'} | working_hours.from",
        "{'from': '09:00', 'to': '24:00', 'zone': 'UTC'} | working_hours.to",
        "{'from': '09:00', 'to': null, 'zone': 'UTC'} | working_hours.to",
        "{'from': '09:00', 'to': '18:00'} | working_hours.zone",
        "{'from': '09:00', 'to': '18:00', 'zone': '-03:00'} | working_hours.zone",
        "{'from': '09:00', 'to': '18:00', 'zone': 'Mars/Olympus'} | working_hours.zone",
        "{'days': [], 'from': '09:00', 'to': '18:00', 'zone': 'UTC'} | working_hours.days",
        "{'days': 'monday', 'from': '09:00', 'to': '18:00', 'zone': 'UTC'} | working_hours.days",
        "{'days': ['lundi'], 'from': '09:00', 'to': '18:00', 'zone': 'UTC'} | working_hours.days",
        "{'days': [1, null], 'from': '09:00', 'to': '18:00', 'zone': 'UTC'} | working_hours.days"
      })
  void wrongWorkingHoursAreRefusedByTheirField(String hours, String field) {
    assertThatThrownBy(() -> working(hours))
        .isInstanceOfSatisfying(
            ProblemException.class,
            refused ->
                assertThat(refused.errors()).extracting(FieldError::field).containsExactly(field));
  }

  private static WorkingHours working(String hours) {
    var body = JsonMapper.shared().createObjectNode();
    body.set("working_hours", JsonMapper.shared().readTree(hours.replace((char) 39, '"')));
    return InstanceChange.read(body, new SourceRules(null, List.of()), false)
        .workingHours()
        .orElseThrow()
        .orElseThrow();
  }

  private static InstanceChange change(String zone) {
    var body = JsonMapper.shared().createObjectNode();
    body.putObject("quiet_hours").put("from", "22:00").put("to", "07:00").put("zone", zone);
    return InstanceChange.read(body, new SourceRules(null, List.of()), false);
  }
}
