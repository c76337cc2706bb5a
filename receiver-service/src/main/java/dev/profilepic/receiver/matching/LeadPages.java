package dev.profilepic.receiver.matching;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * Reads the CRM's leads page by page, in order of their ids, and adds leads that are older than the
 * trigger to our lookup table. A walk is one pass over all pages; after a restart it goes on from
 * its last page. On the way it adopts leads that show a photo through WhatsApp's own link. It
 * starts again to find leads that replication or a restore added past the trigger: once a day, and
 * every ten minutes where there is no trigger.
 */
@Component
class LeadPages {

  private static final Logger log = LoggerFactory.getLogger(LeadPages.class);
  private static final int PAGE = 5_000;
  private static final Duration LONGEST_TURN = Duration.ofSeconds(5);

  private final JdbcClient jdbc;

  LeadPages(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** Reads pages until the walk has ended, or until the time of this turn is over. */
  @Scheduled(fixedDelay = 1_000)
  void turn() {
    try {
      long until = System.nanoTime() + LONGEST_TURN.toNanos();
      while (readPage() && System.nanoTime() < until) {
        log.debug("{} more leads can be found by phone", PAGE);
      }
    } catch (DataAccessException | TransactionException away) {
      log.debug("the walk over the leads rests: {}", away.getMessage());
    }
  }

  /** Starts the walk again when the last walk ended long enough ago. */
  @Scheduled(fixedDelay = 60_000, initialDelay = 60_000)
  void restart() {
    try {
      jdbc.sql("SELECT 1 FROM profile_pic.restart_walk()").query(Integer.class).list();
    } catch (DataAccessException away) {
      log.debug("the walk over the leads rests: {}", away.getMessage());
    }
  }

  /**
   * @return whether there are more leads
   */
  boolean readPage() {
    return jdbc.sql("SELECT profile_pic.read_lead_page(?)")
        .param(PAGE)
        .query(Boolean.class)
        .single();
  }
}
