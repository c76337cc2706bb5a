/** Liveness: whether the process itself still works, regardless of the systems around it. */
@NullMarked
package dev.profilepic.receiver.liveness;

import org.jspecify.annotations.NullMarked;
