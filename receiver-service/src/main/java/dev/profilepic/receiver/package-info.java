/** The receiver: its main class, and nothing else. Every package below is one feature. */
@NullMarked
package dev.profilepic.receiver;

import org.jspecify.annotations.NullMarked;
