package dev.profilepic.receiver.leads;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A change of a lead's photo. */
public record HistoryEntry(
    long id,
    Instant at,
    String outcome,
    String state,
    @Nullable String detail,
    @JsonProperty("instance_id") @Nullable String instanceId,
    @JsonProperty("source_id") @Nullable String sourceId,
    @Nullable String sha256) {}
