/** Finds the leads of an event that names none. */
@NullMarked
package dev.profilepic.receiver.matching;

import org.jspecify.annotations.NullMarked;
