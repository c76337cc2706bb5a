/** Phone numbers as this installation reads them. */
@NullMarked
package dev.profilepic.receiver.phones;

import org.jspecify.annotations.NullMarked;
