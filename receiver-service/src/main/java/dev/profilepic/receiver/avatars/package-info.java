/** Serves the photos, under links that cannot be guessed. */
@NullMarked
package dev.profilepic.receiver.avatars;

import org.jspecify.annotations.NullMarked;
