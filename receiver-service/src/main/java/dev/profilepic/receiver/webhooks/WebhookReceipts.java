package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.auth.SignedDelivery;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Remembers the signed webhooks that were accepted, across replicas. A delivery is taken before any
 * work for it, so that only one of several simultaneous copies goes on. A repetition by its sender
 * has a new signature and is answered as a duplicate. A replayed recording is refused. A failed
 * delivery is given back, so that it may be sent again.
 */
@Component
class WebhookReceipts {

  private static final Logger log = LoggerFactory.getLogger(WebhookReceipts.class);

  private final JdbcClient jdbc;

  WebhookReceipts(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Does the work of a delivery, once.
   *
   * @param repeated the answer when it was accepted before
   * @throws ProblemException 409 when the very same delivery was taken before, 503 when a
   *     repetition comes while the first is being worked, 401 when its token belongs to another
   *     delivery
   */
  <T> T once(SignedDelivery delivery, Supplier<T> work, Supplier<T> repeated) {
    return switch (take(delivery)) {
      case "taken" -> {
        boolean done = false;
        try {
          var answer = work.get();
          call("SELECT 1 FROM profile_pic.accept_receipt(?, ?)", delivery);
          done = true;
          yield answer;
        } finally {
          if (!done) {
            giveBack(delivery);
          }
        }
      }
      case "repeated" -> repeated.get();
      case "replayed" ->
          throw new ProblemException(
              Problem.CONFLICT, "This delivery was accepted already; a repetition is signed anew.");
      case "refused" ->
          throw new ProblemException(
              Problem.UNAUTHORIZED, "The token has run out and belongs to another delivery.");
      default -> throw ProblemException.unavailable();
    };
  }

  private String take(SignedDelivery delivery) {
    return jdbc.sql("SELECT profile_pic.take_receipt(?, ?, ?, ?, ?)")
        .param(delivery.source())
        .param(delivery.id())
        .param(OffsetDateTime.ofInstant(delivery.signedAt(), ZoneOffset.UTC))
        .param(delivery.token())
        .param(delivery.late())
        .query(String.class)
        .single();
  }

  /**
   * Gives the delivery back. When this fails too, the delivery may be taken again a few seconds
   * later.
   */
  private void giveBack(SignedDelivery delivery) {
    try {
      call("SELECT 1 FROM profile_pic.drop_receipt(?, ?)", delivery);
    } catch (DataAccessException away) {
      log.debug("a delivery is given back later: {}", away.getMessage());
    }
  }

  private void call(String function, SignedDelivery delivery) {
    jdbc.sql(function).params(delivery.source(), delivery.id()).query(Integer.class).list();
  }
}
