package dev.profilepic.worker.instances;

import jakarta.validation.constraints.AssertTrue;
import java.time.DayOfWeek;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * The working hours of instances without their own hours. Outside its hours an instance does no
 * bulk syncs and no refreshes, because nobody waits for them. Without a zone there are no hours,
 * and this work is done at any time.
 *
 * @param zone region of the times, for example America/Sao_Paulo; empty for no hours
 * @param days of the week on which the hours begin; every day when empty
 * @param from time of day, HH:mm
 * @param to time of day, HH:mm; on the next day when it is not later than {@code from}
 */
@Validated
@ConfigurationProperties("profile-pic.working-hours")
record WorkingHoursProperties(
    @Nullable String zone,
    @Nullable Set<DayOfWeek> days,
    @DefaultValue("08:00") String from,
    @DefaultValue("20:00") String to) {

  private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9]";

  WorkingHoursProperties {
    days = days == null || days.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : new TreeSet<>(days);
  }

  @AssertTrue(
      message =
          "profile-pic.working-hours.zone must be the name of a region, for example America/Sao_Paulo, or empty")
  boolean isZoneARegion() {
    // Only Java knows the zones of System V.
    return zone == null
        || zone.isBlank()
        || (ZoneId.getAvailableZoneIds().contains(zone) && !zone.startsWith("SystemV/"));
  }

  @AssertTrue(message = "profile-pic.working-hours.from and .to must be times of day, HH:mm") boolean isEachATime() {
    return from.matches(TIME) && to.matches(TIME);
  }

  /** Returns whether there are any hours. */
  boolean areSet() {
    return zone != null && !zone.isBlank();
  }

  /** Returns the days as ISO 8601 numbers them: 1 is Monday. */
  Integer[] numberedDays() {
    return days == null
        ? new Integer[0]
        : days.stream().map(DayOfWeek::getValue).sorted().toArray(Integer[]::new);
  }
}
