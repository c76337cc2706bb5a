/** The web console, in a real browser and out of it. */
@NullMarked
package dev.profilepic.receiver.console;

import org.jspecify.annotations.NullMarked;
