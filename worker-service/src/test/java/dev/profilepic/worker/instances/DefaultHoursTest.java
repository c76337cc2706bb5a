package dev.profilepic.worker.instances;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.embedded.TestDatabase;
import java.time.DayOfWeek;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

/** The workers' configured default hours reach the database. */
class DefaultHoursTest {

  private final TestDatabase database = TestDatabase.migrated();
  private final JdbcTemplate jdbc = new JdbcTemplate(database.sessions());

  @AfterEach
  void drop() {
    database.close();
  }

  @Test
  void theyAreToldAndTakenBack() {
    tell("America/Sao_Paulo", Set.of(DayOfWeek.FRIDAY, DayOfWeek.MONDAY));
    assertThat(told()).isEqualTo("America/Sao_Paulo {1,5} 08:00:00 20:00:00");

    tell(" ", null);
    assertThat(told()).isNull();
  }

  @Test
  void withoutDaysTheyAreThoseOfEveryDay() {
    tell("UTC", Set.of());

    assertThat(told()).isEqualTo("UTC {1,2,3,4,5,6,7} 08:00:00 20:00:00");
  }

  private void tell(String zone, @Nullable Set<DayOfWeek> days) {
    new DefaultHours(jdbc, new WorkingHoursProperties(zone, days, "08:00", "20:00")).tell();
  }

  private @Nullable String told() {
    return jdbc.queryForObject(
        "SELECT s.hours_zone || ' ' || s.hours_days::text || ' ' || s.hours_from || ' ' || s.hours_to FROM profile_pic.settings AS s",
        String.class);
  }
}
