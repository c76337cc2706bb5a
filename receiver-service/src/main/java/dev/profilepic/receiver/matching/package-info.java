/** Which leads an event is about, when it names none. */
@NullMarked
package dev.profilepic.receiver.matching;

import org.jspecify.annotations.NullMarked;
