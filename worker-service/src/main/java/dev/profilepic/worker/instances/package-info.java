/**
 * What the workers know of the WhatsApp instances themselves, told to each other and to operators.
 */
@NullMarked
package dev.profilepic.worker.instances;

import org.jspecify.annotations.NullMarked;
