/** One lead's photo: its state, its history, and the actions on it. */
@NullMarked
package dev.profilepic.receiver.leads;

import org.jspecify.annotations.NullMarked;
