package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import tools.jackson.databind.JsonNode;

/** Reads the webhooks of one system. */
interface WebhookReader {

  /** Returns the last part of the webhooks' path, which is also the metrics' source. */
  String kind();

  /**
   * Returns whether a body can only come from this system. Called when the path does not name the
   * kind.
   */
  boolean recognises(JsonNode body);

  /** Returns whether a body sent to this system's path can be read, with any content. */
  default boolean understands(JsonNode body) {
    return recognises(body) || !Json.event(body).isEmpty();
  }

  /**
   * Returns the content of a webhook that concerns people. Anything else (other events, our own
   * messages, groups, status, newsletters, broadcasts) is left out. Fields may be missing, null or
   * of another type.
   *
   * @param body a JSON object, without the fields that no reader asks for
   * @param receivedAt the time for events without a time
   */
  Reading read(JsonNode body, Instant receivedAt);
}
