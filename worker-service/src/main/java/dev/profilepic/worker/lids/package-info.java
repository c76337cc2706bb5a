/** People of whom only the LID is known: their sources are asked for the numbers. */
@NullMarked
package dev.profilepic.worker.lids;

import org.jspecify.annotations.NullMarked;
