/** How people are recognised who asked to be forgotten. */
@NullMarked
package dev.profilepic.receiver.erasure;

import org.jspecify.annotations.NullMarked;
