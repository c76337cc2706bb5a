package dev.profilepic.worker.queue;

import java.time.Duration;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The database's report on an instance's waiting line.
 *
 * @param instanceId empty for the line of messages that name no instance
 * @param since the place at which to look for the line's head; null for the very beginning
 * @param openIn until a message may be leased; null when the line is empty
 */
record LineStatus(String instanceId, @Nullable OffsetDateTime since, @Nullable Duration openIn) {}
