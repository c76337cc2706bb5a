/** The receiver: only its main class. Every package below is one feature. */
@NullMarked
package dev.profilepic.receiver;

import org.jspecify.annotations.NullMarked;
