/** Who is told of what happens to photos. The workers tell it. */
@NullMarked
package dev.profilepic.receiver.endpoints;

import org.jspecify.annotations.NullMarked;
