/** Phone numbers, read by the rules of this installation. */
@NullMarked
package dev.profilepic.receiver.phones;

import org.jspecify.annotations.NullMarked;
