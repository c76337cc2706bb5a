package dev.profilepic.receiver.auth;

import java.time.Instant;

/**
 * One signed webhook.
 *
 * @param source whose secret signed it
 * @param id stays the same when the sender repeats it
 * @param signedAt when this attempt was signed; {@link Instant#EPOCH} where the scheme has no time
 */
public record SignedDelivery(String source, String id, Instant signedAt) {}
