/** Delivers events to other systems: as signed webhooks, and as photos for their contacts. */
@NullMarked
package dev.profilepic.worker.deliveries;

import org.jspecify.annotations.NullMarked;
