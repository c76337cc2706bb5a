package dev.profilepic.receiver.webhooks;

import java.time.Instant;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** Reads one system's webhook. */
interface WebhookReader {

  /** The last part of its path, which is also the metrics' source. */
  String kind();

  /**
   * The people that the webhook tells of. Whatever else it says (other events, our own messages,
   * groups, status, newsletters, broadcasts) is not there; fields may be missing, null or of
   * another type.
   *
   * @param body a JSON object
   * @param receivedAt stands in for events without a time
   */
  List<Sighting> read(JsonNode body, Instant receivedAt);
}
