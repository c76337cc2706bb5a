/** Decides which phone a message asks about. */
@NullMarked
package dev.profilepic.worker.phones;

import org.jspecify.annotations.NullMarked;
