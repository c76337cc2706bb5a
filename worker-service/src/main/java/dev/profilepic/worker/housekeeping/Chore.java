package dev.profilepic.worker.housekeeping;

import java.time.Duration;
import java.util.Locale;

/** Something to clean up, by an SQL function of R__26_housekeeping.sql. */
enum Chore {
  HISTORY("forget_history"),
  AUDIT("forget_audit"),
  ARCHIVE("forget_archive"),
  ORPHANS("forget_orphans"),
  SYNCS("forget_syncs"),
  EVENTS("forget_events"),
  DEAD_LETTERS("forget_dead_letters"),
  RECEIPTS("forget_receipts"),
  UNMATCHED("forget_unmatched_events"),
  UNRECOGNISED("forget_unrecognised"),
  LIDS("forget_lids"),
  SIBLINGS("forget_siblings"),
  LOST_REQUESTS("forget_lost_requests"),
  DELETED_LEADS("forget_deleted_leads");

  private final String function;

  Chore(String function) {
    this.function = function;
  }

  /**
   * One step; its parameters are {@code older_than} in milliseconds, {@code after}, {@code most}.
   */
  String sql() {
    return "SELECT removed, next FROM profile_pic." + function + "(? * interval '1 ms', ?, ?)";
  }

  /** The name in logs, metrics and {@code profile_pic.chores}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  Duration keeps(HousekeepingProperties properties) {
    return switch (this) {
      case HISTORY -> properties.history();
      case AUDIT -> properties.audit();
      case ARCHIVE -> properties.archive();
      case ORPHANS -> properties.orphans();
      case SYNCS -> properties.syncs();
      case EVENTS -> properties.events();
      case DEAD_LETTERS -> properties.deadLetters();
      case RECEIPTS -> properties.receipts();
      case UNMATCHED -> properties.unmatched();
      case UNRECOGNISED -> properties.unrecognised();
      case LIDS -> properties.lids();
      case SIBLINGS, LOST_REQUESTS, DELETED_LEADS -> Duration.ZERO;
    };
  }
}
