/** Whether the process can still do its work, as opposed to whether others let it. */
@NullMarked
package dev.profilepic.receiver.liveness;

import org.jspecify.annotations.NullMarked;
