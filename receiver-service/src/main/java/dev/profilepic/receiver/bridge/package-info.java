/** What the receiver asks the bridge for: to add WhatsApp numbers, and to pair them. */
@NullMarked
package dev.profilepic.receiver.bridge;

import org.jspecify.annotations.NullMarked;
