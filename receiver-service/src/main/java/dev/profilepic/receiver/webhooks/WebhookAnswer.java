package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.intake.Receipt;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * The answer 202 to a webhook.
 *
 * @param kind the kind that was recognised; null when no reader recognised the webhook
 * @param status {@code queued} when any of its events was queued, else {@code duplicate}, else
 *     {@code unmatched}, else {@code ignored}
 * @param events the number of its events about people
 */
record WebhookAnswer(
    boolean success,
    @Nullable String kind,
    String status,
    int events,
    int queued,
    int duplicate,
    int unmatched) {

  static WebhookAnswer ignored(@Nullable String kind) {
    return new WebhookAnswer(true, kind, "ignored", 0, 0, 0, 0);
  }

  /** Answers a webhook about the sender's own numbers, and about no picture. */
  static WebhookAnswer noted(String kind) {
    return ignored(kind);
  }

  /** Answers a webhook whose content was accepted before. */
  static WebhookAnswer repeated(@Nullable String kind) {
    return new WebhookAnswer(true, kind, "duplicate", 0, 0, 0, 0);
  }

  static WebhookAnswer of(String kind, int events, int unmatched, Collection<Receipt> receipts) {
    int queued = count(receipts, Receipt.Status.QUEUED);
    int duplicate = count(receipts, Receipt.Status.DUPLICATE);
    int unknown = unmatched + count(receipts, Receipt.Status.UNKNOWN_LEAD);
    var status =
        queued > 0 ? "queued" : duplicate > 0 ? "duplicate" : unknown > 0 ? "unmatched" : "ignored";
    return new WebhookAnswer(true, kind, status, events, queued, duplicate, unknown);
  }

  private static int count(Collection<Receipt> receipts, Receipt.Status status) {
    return (int) receipts.stream().filter(receipt -> receipt.status() == status).count();
  }
}
