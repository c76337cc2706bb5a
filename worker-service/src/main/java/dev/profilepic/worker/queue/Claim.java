package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one claim brought.
 *
 * @param deliveries the messages that are ours now
 * @param postponed messages that were put to a later slot of their instance
 * @param nextDue until the next waiting message becomes due; null when none waits
 */
record Claim(List<Delivery> deliveries, int postponed, @Nullable Duration nextDue) {}
