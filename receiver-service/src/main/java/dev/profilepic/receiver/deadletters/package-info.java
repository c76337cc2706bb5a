/** Messages that could not be worked: looked at, put back to work, or dropped. */
@NullMarked
package dev.profilepic.receiver.deadletters;

import org.jspecify.annotations.NullMarked;
