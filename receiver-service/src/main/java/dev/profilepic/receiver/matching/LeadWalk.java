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
 * Takes the leads that existed before the trigger did into our lookup table, a few thousand at a
 * time, and goes on where it stood after a restart. On the way it adopts leads that show a photo
 * through WhatsApp's own link. Without the trigger it starts anew every ten minutes, else once a
 * day, for what replication or a restore brought in behind the trigger's back.
 */
@Component
class LeadWalk {

  private static final Logger log = LoggerFactory.getLogger(LeadWalk.class);
  private static final int STEP = 5_000;
  private static final Duration LONGEST_TURN = Duration.ofSeconds(5);

  private final JdbcClient jdbc;

  LeadWalk(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** One turn: steps until the walk is through, or others should have their say. */
  @Scheduled(fixedDelay = 1_000)
  void turn() {
    try {
      long until = System.nanoTime() + LONGEST_TURN.toNanos();
      while (step() && System.nanoTime() < until) {
        log.debug("{} more leads can be found by phone", STEP);
      }
    } catch (DataAccessException | TransactionException away) {
      log.debug("the walk over the leads rests: {}", away.getMessage());
    }
  }

  /** Starts the walk anew where it has been through for long enough. */
  @Scheduled(fixedDelay = 60_000, initialDelay = 60_000)
  void restart() {
    try {
      jdbc.sql("SELECT 1 FROM profile_pic.restart_walk()").query(Integer.class).list();
    } catch (DataAccessException away) {
      log.debug("the walk over the leads rests: {}", away.getMessage());
    }
  }

  /**
   * @return whether there is more
   */
  boolean step() {
    return jdbc.sql("SELECT profile_pic.walk_leads(?)").param(STEP).query(Boolean.class).single();
  }
}
