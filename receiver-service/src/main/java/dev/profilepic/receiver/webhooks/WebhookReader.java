package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** Reads the webhooks of one system. */
interface WebhookReader {

  /** The last part of its path, which is also the metrics' source. */
  String kind();

  /** Whether a body can only come from this system. Asked when the path does not name the kind. */
  boolean recognises(JsonNode body);

  /** Whether a body sent to this system's path can be read, whatever its content is. */
  default boolean understands(JsonNode body) {
    return recognises(body) || !Json.event(body).isEmpty();
  }

  /**
   * The content of a webhook that concerns people. Anything else (other events, our own messages,
   * groups, status, newsletters, broadcasts) is left out. Fields may be missing, null or of another
   * type.
   *
   * @param body a JSON object, without the fields that no reader asks for
   * @param receivedAt the time for events without a time
   */
  Reading read(JsonNode body, Instant receivedAt);
}
