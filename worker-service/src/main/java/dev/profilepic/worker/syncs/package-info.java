/** Feeds bulk syncs into the queue, just in time. */
@NullMarked
package dev.profilepic.worker.syncs;

import org.jspecify.annotations.NullMarked;
