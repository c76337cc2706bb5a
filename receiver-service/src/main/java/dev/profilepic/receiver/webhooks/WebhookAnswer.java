package dev.profilepic.receiver.webhooks;

import dev.profilepic.receiver.intake.Receipt;
import java.util.Collection;

/**
 * The answer 202 to a webhook.
 *
 * @param status {@code queued} when any of its events was, else {@code duplicate}, else {@code
 *     unmatched}, else {@code ignored}
 * @param events how many of them are about people
 */
record WebhookAnswer(
    boolean success, String status, int events, int queued, int duplicate, int unmatched) {

  static WebhookAnswer ignored() {
    return new WebhookAnswer(true, "ignored", 0, 0, 0, 0);
  }

  /** Everything in it was accepted before. */
  static WebhookAnswer repeated() {
    return new WebhookAnswer(true, "duplicate", 0, 0, 0, 0);
  }

  static WebhookAnswer of(int events, int unmatched, Collection<Receipt> receipts) {
    int queued = count(receipts, Receipt.Status.QUEUED);
    int duplicate = count(receipts, Receipt.Status.DUPLICATE);
    int unknown = unmatched + count(receipts, Receipt.Status.UNKNOWN_LEAD);
    var status =
        queued > 0 ? "queued" : duplicate > 0 ? "duplicate" : unknown > 0 ? "unmatched" : "ignored";
    return new WebhookAnswer(true, status, events, queued, duplicate, unknown);
  }

  private static int count(Collection<Receipt> receipts, Receipt.Status status) {
    return (int) receipts.stream().filter(receipt -> receipt.status() == status).count();
  }
}
