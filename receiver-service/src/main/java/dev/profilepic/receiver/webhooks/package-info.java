/** The webhooks of others' systems: what they say of people, read tolerantly, and what follows. */
@NullMarked
package dev.profilepic.receiver.webhooks;

import org.jspecify.annotations.NullMarked;
