package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** Reads one system's webhook. */
interface WebhookReader {

  /** The last part of its path, which is also the metrics' source. */
  String kind();

  /** Whether a body can only be this system's; asked when the path does not say whose it is. */
  boolean recognises(JsonNode body);

  /** Whether a body that was sent as this system's can be read at all, whatever it tells. */
  default boolean understands(JsonNode body) {
    return recognises(body) || !Json.event(body).isEmpty();
  }

  /**
   * What the webhook tells of people. Whatever else it says (other events, our own messages,
   * groups, status, newsletters, broadcasts) is not there; fields may be missing, null or of
   * another type.
   *
   * @param body a JSON object, without what no reader asks for
   * @param receivedAt stands in for events without a time
   */
  Reading read(JsonNode body, Instant receivedAt);
}
