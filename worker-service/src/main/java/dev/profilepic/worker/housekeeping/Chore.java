package dev.profilepic.worker.housekeeping;

import java.time.Duration;
import java.util.Locale;

/** A kind of data to clean up, by an SQL function of R__26_housekeeping.sql. */
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

  /**
   * A page that shows the replaced photo can still load it, and a settlement on its way can still
   * refer to it.
   */
  private static final Duration ORPHANS_STAY = Duration.ofHours(1);

  /**
   * Samples of webhooks hold no words of people, so they stay until an operator has looked at them.
   */
  private static final Duration SAMPLES_STAY = Duration.ofDays(90);

  private final String function;

  Chore(String function) {
    this.function = function;
  }

  /**
   * Returns the SQL of one step. Its parameters are {@code older_than} in milliseconds, {@code
   * after}, {@code most}.
   */
  String sql() {
    return "SELECT removed, next FROM profile_pic." + function + "(? * interval '1 ms', ?, ?)";
  }

  /** Returns the name in logs, metrics and {@code profile_pic.chores}. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  Duration keeps(HousekeepingProperties properties) {
    return switch (this) {
      case HISTORY -> properties.history();
      case AUDIT -> properties.audit();
      case ARCHIVE -> properties.archive();
      case ORPHANS -> ORPHANS_STAY;
      case SYNCS -> properties.syncs();
      case EVENTS -> properties.events();
      case DEAD_LETTERS -> properties.deadLetters();
      case RECEIPTS -> properties.receipts();
      case UNMATCHED -> properties.unmatched();
      case UNRECOGNISED -> SAMPLES_STAY;
      case LIDS -> properties.lids();
      case SIBLINGS, LOST_REQUESTS, DELETED_LEADS -> Duration.ZERO;
    };
  }
}
