/** The metrics' counts, kept by minute for the receiver's console. */
@NullMarked
package dev.profilepic.worker.figures;

import org.jspecify.annotations.NullMarked;
