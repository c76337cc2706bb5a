/** The audit log: which caller did what, and when. */
@NullMarked
package dev.profilepic.receiver.audit;

import org.jspecify.annotations.NullMarked;
