/** Requests that carry an Idempotency-Key are done once, however often they are sent. */
@NullMarked
package dev.profilepic.receiver.idempotency;

import org.jspecify.annotations.NullMarked;
