/** The receiver's calls to the bridge: adding WhatsApp numbers, and pairing them. */
@NullMarked
package dev.profilepic.receiver.bridge;

import org.jspecify.annotations.NullMarked;
