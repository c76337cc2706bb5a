/**
 * The intake of requests: a checked request for a lead's photo becomes a durable message, or gets a
 * reason why it does not.
 */
@NullMarked
package dev.profilepic.receiver.intake;

import org.jspecify.annotations.NullMarked;
