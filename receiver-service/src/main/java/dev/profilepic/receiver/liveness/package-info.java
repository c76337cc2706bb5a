/**
 * Liveness: whether the process itself still works, whatever the state of the systems around it.
 */
@NullMarked
package dev.profilepic.receiver.liveness;

import org.jspecify.annotations.NullMarked;
