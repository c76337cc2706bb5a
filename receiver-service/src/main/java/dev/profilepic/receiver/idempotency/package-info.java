/** Carries out calls with an Idempotency-Key once, however often they are sent. */
@NullMarked
package dev.profilepic.receiver.idempotency;

import org.jspecify.annotations.NullMarked;
