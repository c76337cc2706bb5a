package dev.profilepic.worker.queue;

import java.util.List;

/**
 * What one claim brought.
 *
 * @param deliveries the messages that are ours now
 * @param lines how the lines stand that were asked for
 */
record Claim(List<Delivery> deliveries, List<LineStatus> lines) {}
