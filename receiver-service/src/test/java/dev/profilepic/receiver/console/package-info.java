/** Tests of the web console, with and without a real browser. */
@NullMarked
package dev.profilepic.receiver.console;

import org.jspecify.annotations.NullMarked;
