/** Who did what, for whoever answers for it. */
@NullMarked
package dev.profilepic.receiver.audit;

import org.jspecify.annotations.NullMarked;
