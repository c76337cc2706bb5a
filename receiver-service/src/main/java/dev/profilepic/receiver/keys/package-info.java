/** The command line that makes, lists and revokes API keys. Runs without the application. */
@NullMarked
package dev.profilepic.receiver.keys;

import org.jspecify.annotations.NullMarked;
