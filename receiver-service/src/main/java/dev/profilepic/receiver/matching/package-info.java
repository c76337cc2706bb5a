/** Finds the leads of an event that names no lead. */
@NullMarked
package dev.profilepic.receiver.matching;

import org.jspecify.annotations.NullMarked;
