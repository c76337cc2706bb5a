/** The web console: pages over what the other features know and do. It has no rules of its own. */
@NullMarked
package dev.profilepic.receiver.console;

import org.jspecify.annotations.NullMarked;
