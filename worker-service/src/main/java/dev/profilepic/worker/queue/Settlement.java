package dev.profilepic.worker.queue;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of an attempt, ready to be made true by {@code profile_pic.settle}.
 *
 * @param lease of the message
 * @param disposition what becomes of it
 * @param outcome code of the outcome (design section 5)
 * @param detail why, in words; null when the code says it all
 * @param attempts failures that counted, this one included
 * @param pause how long the whole instance must rest; null when it need not
 * @param facts further columns of the SQL type {@code profile_pic.settlement}, by name; absent ones
 *     are null
 * @param avatar the bytes of a new photo; null when there is none
 */
public record Settlement(
    Lease lease,
    Disposition disposition,
    String outcome,
    @Nullable String detail,
    int attempts,
    @Nullable Duration pause,
    Map<String, Object> facts,
    byte @Nullable [] avatar) {}
