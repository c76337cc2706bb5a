/** Feeds leads whose photo is due for a check into the queue, just in time. */
@NullMarked
package dev.profilepic.worker.refreshes;

import org.jspecify.annotations.NullMarked;
