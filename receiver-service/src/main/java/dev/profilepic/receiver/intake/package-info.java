/**
 * The way in: a checked request for a lead's photo becomes a durable message, or gets a reason why
 * not.
 */
@NullMarked
package dev.profilepic.receiver.intake;

import org.jspecify.annotations.NullMarked;
