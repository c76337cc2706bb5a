package dev.profilepic.receiver.endpoints;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A webhook endpoint, without its secret.
 *
 * @param instances whose events the endpoint gets; null for all
 * @param disabledWhy why the endpoint gets no more events; null while it is enabled
 * @param failingSince when deliveries began to fail; null when the last one succeeded
 * @param pending deliveries that are still to be made; the count stops at 100,000
 */
public record Endpoint(
    long id,
    String kind,
    String url,
    List<String> events,
    @Nullable List<String> instances,
    JsonNode settings,
    @Nullable String description,
    boolean enabled,
    @JsonProperty("disabled_why") @Nullable String disabledWhy,
    @JsonProperty("failing_since") @Nullable Instant failingSince,
    @JsonProperty("created_at") Instant createdAt,
    long pending) {}
