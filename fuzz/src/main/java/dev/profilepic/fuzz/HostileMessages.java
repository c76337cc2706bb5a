package dev.profilepic.fuzz;

import java.util.List;
import java.util.random.RandomGenerator;

/** Hostile messages and headers. Anyone who can call {@code pgmq.send} may write such messages. */
public final class HostileMessages {

  private static final String MESSAGE =
      """
      {"lead_id": "%s", "phone": "5562999212484", "instance_id": "fuzz", "sync_type": "bulk",
       "timestamp": "2026-11-22T12:00:00Z", "force_update": true, "priority": 1, "retry_count": 0,
       "profile_pic_url": null}
      """;
  private static final String HEADERS =
      """
      {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "attempts": 3, "returned": 2,
       "slot": true, "lookup": true}
      """;

  private final List<String> leads;

  /**
   * @param leads ids that exist; half of the messages name one of these leads
   */
  public HostileMessages(List<String> leads) {
    this.leads = leads;
  }

  /**
   * A message. Both parts are valid JSON that PostgreSQL stores as {@code jsonb}.
   *
   * @param body the message column
   * @param headers the headers column
   */
  public record HostileMessage(String body, String headers) {}

  public HostileMessage next(RandomGenerator random) {
    var lead = random.nextBoolean() ? leads.get(random.nextInt(leads.size())) : "nobody";
    return new HostileMessage(
        HostileJson.mutatedTree(random, MESSAGE.formatted(lead)),
        HostileJson.mutatedTree(random, HEADERS));
  }
}
