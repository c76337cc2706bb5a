/** The audit log: every deed, with its caller and its time. */
@NullMarked
package dev.profilepic.receiver.audit;

import org.jspecify.annotations.NullMarked;
