/** Removes data that is not needed any more. */
@NullMarked
package dev.profilepic.worker.housekeeping;

import org.jspecify.annotations.NullMarked;
