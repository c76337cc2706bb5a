/** The trace of a message's way through this worker. */
@NullMarked
package dev.profilepic.worker.tracing;

import org.jspecify.annotations.NullMarked;
