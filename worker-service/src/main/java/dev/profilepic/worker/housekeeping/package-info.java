/** Removes data that nobody needs any more. */
@NullMarked
package dev.profilepic.worker.housekeeping;

import org.jspecify.annotations.NullMarked;
