/** The webhooks of other systems: their content, read tolerantly, becomes requests for photos. */
@NullMarked
package dev.profilepic.receiver.webhooks;

import org.jspecify.annotations.NullMarked;
