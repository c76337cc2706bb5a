package dev.profilepic.worker.deliveries;

import dev.profilepic.contract.EndpointKind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An event for an endpoint.
 *
 * @param eventId the same for every endpoint and every attempt
 * @param data the content of the event
 * @param settings the endpoint's own settings
 * @param secret the secret that the endpoint shares with us, opened
 * @param formerSecret the previous secret, which also signs for a day after a change
 */
record Delivery(
    long id,
    long endpointId,
    String eventId,
    String type,
    Instant at,
    @Nullable String instanceId,
    @Nullable String leadId,
    JsonNode data,
    EndpointKind kind,
    String url,
    JsonNode settings,
    String secret,
    @Nullable String formerSecret) {

  /** Names neither the secrets nor the data. */
  @Override
  public String toString() {
    return "Delivery[id=" + id + ", endpointId=" + endpointId + ", type=" + type + "]";
  }
}
