package dev.profilepic.worker.instances;

import dev.profilepic.worker.queue.Complaints;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Writes this worker's configured working hours to the database, because feeders, claims and pages
 * read them there. Repeats the write from time to time, because an older database may have been
 * restored.
 */
@Component
class DefaultHours {

  private final Complaints complaints = new Complaints(LoggerFactory.getLogger(DefaultHours.class));

  private final JdbcTemplate jdbc;
  private final WorkingHoursProperties hours;

  DefaultHours(JdbcTemplate jdbc, WorkingHoursProperties hours) {
    this.jdbc = jdbc;
    this.hours = hours;
  }

  @Scheduled(fixedDelayString = "PT1M")
  void tell() {
    boolean set = hours.areSet();
    try {
      jdbc.query(
          "SELECT profile_pic.keep_default_hours(?, ?, ?::time, ?::time)",
          row -> {},
          set ? hours.zone() : null,
          set ? hours.numberedDays() : null,
          set ? hours.from() : null,
          set ? hours.to() : null);
    } catch (RuntimeException failure) {
      complaints.about("the default working hours were not told: {}", failure);
    }
  }
}
