/** Dead letters: messages that could not be worked. They are shown, replayed or dropped here. */
@NullMarked
package dev.profilepic.receiver.deadletters;

import org.jspecify.annotations.NullMarked;
