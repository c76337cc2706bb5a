package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.auth.SignedDelivery;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Which signed webhooks were accepted, across replicas. A sender that repeats one signs it anew and
 * hears that it is a duplicate; a recording of one, played again, is refused. Written after the
 * events are in the queue, so that what failed may be sent again.
 */
@Component
class WebhookReceipts {

  private static final Logger log = LoggerFactory.getLogger(WebhookReceipts.class);

  private final JdbcClient jdbc;

  WebhookReceipts(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Whether the events of this delivery were accepted before.
   *
   * @throws ProblemException 409 when the very same delivery was
   */
  boolean knows(SignedDelivery delivery) {
    var before =
        jdbc.sql(
                "SELECT signed_at FROM profile_pic.webhook_receipts WHERE source = ? AND webhook_id = ?")
            .params(delivery.source(), delivery.id())
            .query((row, number) -> row.getObject(1, OffsetDateTime.class).toInstant())
            .optional();
    if (before.filter(at -> at.equals(delivery.signedAt()) && hasTime(delivery)).isPresent()) {
      throw new ProblemException(
          Problem.CONFLICT, "This delivery was accepted already; a repetition is signed anew.");
    }
    return before.isPresent();
  }

  void remember(SignedDelivery delivery) {
    jdbc.sql(
            """
            INSERT INTO profile_pic.webhook_receipts AS r (source, webhook_id, signed_at) VALUES (?, ?, ?)
            ON CONFLICT (source, webhook_id) DO UPDATE SET signed_at = excluded.signed_at
            """)
        .params(
            delivery.source(),
            delivery.id(),
            OffsetDateTime.ofInstant(delivery.signedAt(), ZoneOffset.UTC))
        .update();
  }

  /** Far longer than a signature is valid (five minutes) and senders repeat (a day). */
  @Scheduled(fixedDelay = 600_000, initialDelay = 600_000)
  void forgetOldOnes() {
    try {
      jdbc.sql(
              "DELETE FROM profile_pic.webhook_receipts WHERE accepted_at < statement_timestamp() - interval '3 days'")
          .update();
      jdbc.sql(
              "DELETE FROM profile_pic.unmatched_events WHERE recorded_at < statement_timestamp() - interval '90 days'")
          .update();
    } catch (DataAccessException away) {
      log.debug("old receipts stay for now: {}", away.getMessage());
    }
  }

  private static boolean hasTime(SignedDelivery delivery) {
    return delivery.signedAt().isAfter(Instant.EPOCH);
  }
}
