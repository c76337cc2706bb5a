package dev.profilepic.worker.doctor;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;

/** Checks that the clocks agree. Signatures are valid for five minutes. */
final class ClockCheck implements Check {

  static final Duration FAR_OFF = Duration.ofMinutes(4);
  private static final Duration OFF = Duration.ofSeconds(30);

  @Override
  public String name() {
    return "clocks";
  }

  @Override
  public Need need() {
    return Need.NOTHING;
  }

  @Override
  public void look(Setup setup, Notes notes) {
    var skews = new LinkedHashMap<String, Duration>();
    try {
      var theirs =
          setup.database().text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
      skews.put(
          "database",
          Duration.between(setup.clock().instant(), Instant.ofEpochMilli(Long.parseLong(theirs))));
    } catch (SQLException away) {
      // Another check reports it.
    }
    setup.clocks().forEach((server, clock) -> skews.put(server, clock.skew()));
    skews.forEach((server, skew) -> {
      var what =
          "the clock of the "
              + server
              + " is "
              + skew.abs().toSeconds()
              + " s "
              + (skew.isNegative() ? "behind" : "ahead of")
              + " this machine's";
      var remedy = "Let both machines follow a time server (timedatectl set-ntp true).";
      if (skew.abs().compareTo(FAR_OFF) > 0) {
        notes.problem(what + "; signed webhooks are refused from five minutes on", remedy);
      } else if (skew.abs().compareTo(OFF) > 0) {
        notes.warning(what, remedy);
      }
    });
    if (!skews.isEmpty()) {
      notes.okIfNothingElse("agree: " + String.join(", ", skews.keySet()));
    }
  }
}
