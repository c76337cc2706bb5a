/** The key that recognises people who asked to be forgotten. */
@NullMarked
package dev.profilepic.receiver.erasure;

import org.jspecify.annotations.NullMarked;
