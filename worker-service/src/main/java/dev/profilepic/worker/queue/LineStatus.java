package dev.profilepic.worker.queue;

import java.time.Duration;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * What the database said of an instance's waiting line.
 *
 * @param instanceId empty for the line of messages that name no instance
 * @param since where to start looking for its head; null for its very beginning
 * @param openIn until a message may be leased; null when the line is empty
 */
record LineStatus(String instanceId, @Nullable OffsetDateTime since, @Nullable Duration openIn) {}
