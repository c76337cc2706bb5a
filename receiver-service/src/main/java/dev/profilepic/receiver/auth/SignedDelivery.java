package dev.profilepic.receiver.auth;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One signed webhook.
 *
 * @param source the kind of webhook whose secret signed it
 * @param id stays the same when the sender repeats the delivery
 * @param signedAt when this try was signed; {@link Instant#EPOCH} where the scheme has no time
 * @param token digest of the token that came with the delivery, where several deliveries may share
 *     a token
 * @param late whether its token has expired, so that only a repetition of its own delivery may use
 *     the token
 */
public record SignedDelivery(
    String source, String id, Instant signedAt, @Nullable String token, boolean late) {

  SignedDelivery(String source, String id, Instant signedAt) {
    this(source, id, signedAt, null, false);
  }
}
