/** Carries out calls with an Idempotency-Key once, even when they are sent several times. */
@NullMarked
package dev.profilepic.receiver.idempotency;

import org.jspecify.annotations.NullMarked;
